# Sourced by schedsim.sh and test.sh: makes the checkout's own environment and sets $bin to its programs.
#
#   environment run|test     what it must hold: schedsim alone, or also what the tests need
#
# It lives in .venv-schedsim, so that a .venv of your own is never used, changed or removed. A finished
# one carries a stamp of all it was made from, and is used as it is. Otherwise a Python that can make
# one is looked for, and environment.py does the work.

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
venv=$root/.venv-schedsim
bin=$venv/bin

find_python() {
    if [ -n "${SCHEDSIM_PYTHON:-}" ]; then
        set -- "$SCHEDSIM_PYTHON"
    else
        set -- python3 python3.13 python3.12 python3.11 python3.14 python
    fi
    # Each is tried by running it: a name on the path may be a stand-in that cannot start, and a
    # Python may come without what makes virtual environments.
    bare=
    for python in "$@"; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            return 0
        fi
        bare=${bare:-$python}
    done
    if [ -n "$bare" ]; then
        echo "schedsim: $bare cannot make a virtual environment, because its module venv or ensurepip is missing;" \
            "install it (Debian and Ubuntu: apt install $(basename "$bare")-venv) and try again" >&2
    else
        echo "schedsim: needs Python 3.11 or newer, and finds none as: $*;" \
            "install one, or name it: SCHEDSIM_PYTHON=/path/to/python3 sh $0" >&2
    fi
    return 1
}

environment() {
    stamp="$root ${SCHEDSIM_PYTHON:-}"
    stamp="$stamp $(cd "$root" && cat pyproject.toml constraints.txt scripts/environment.py | cksum)"
    if [ "$(cat "$venv/ready-$1" 2>/dev/null)" = "$stamp" ] && "$bin/python" -c pass 2>/dev/null; then
        return 0
    fi
    find_python || exit 3
    "$python" -I "$root/scripts/environment.py" "$1" "$stamp" || exit 3
}
