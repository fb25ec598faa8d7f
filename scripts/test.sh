#!/bin/sh
# Runs every check of this checkout, from any folder: sh scripts/test.sh
# The first call sets up .venv-schedsim in the checkout, and touches nothing else.
# With arguments it runs pytest alone, with these: sh scripts/test.sh -k quantum -m 'not slow'
set -eu
. "$(dirname -- "$0")/environment.sh"
environment test
cd "$root"
if [ $# -gt 0 ]; then
    exec "$bin/python" -m pytest "$@"
fi

# Every check runs, also after one that failed; pytest is last because its closing line sums up.
failed=
check() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed${failed:+, }$name"
}
check "ruff check" "$bin/ruff" check .
check "ruff format" "$bin/ruff" format --check .
check "mypy" "$bin/mypy"
check "pytest" "$bin/python" -m pytest
if [ -n "$failed" ]; then
    echo "== failed: $failed"
    exit 1
fi
