"""Imports point downwards only, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

# Who may import whom, from the floor up. A row is a file or a folder of schedsim/, then what it may
# import beside its own folder; a row names only rows above it, so there can be no cycle. "*" is
# every row above. Imports inside functions count, imports for type checkers (TYPE_CHECKING) don't:
# these are never run. A row for a file that is not there yet says where it will belong.
TABLE = """
times
states
errors
spread
nearest
names
frozen
output        errors
distributions times errors nearest
operations    times errors names frozen
operation_faults errors names operations
operation_text times errors names nearest operations
jobs          times errors frozen operations
mix_faults    times errors operation_faults jobs
cooperation   times errors nearest names operations operation_faults jobs mix_faults
workloads     errors
mixfile       times errors nearest names frozen operations operation_text jobs mix_faults cooperation workloads
generate      times errors frozen operations jobs distributions
mixwrite      times errors names frozen operations operation_text jobs cooperation distributions output
observed      times
verdict       times
calibration   times errors observed output
trace         times errors output
metrics       times errors trace
lending
happenings    times trace lending
variables     trace
validate      times errors states operations operation_text trace
policies      times errors frozen states
scheduler     times errors names frozen states operations operation_faults trace policies
tables        times errors
deadlock      times operations operation_text trace tables
timeline      times errors trace
resultrows    errors
results       times errors frozen trace metrics deadlock variables resultrows
summary       times errors trace metrics deadlock resultrows results tables timeline
gantt         times errors trace metrics results tables timeline
looks         gantt
notebook      times errors trace metrics results tables timeline summary gantt
crosschecked  times errors verdict resultrows
confused      errors spread verdict
orders        trace
evaluate      times errors spread trace metrics validate verdict crosschecked orders
crosscheck_words times summary tables verdict calibration crosschecked
plots         times errors output trace metrics results tables timeline summary gantt looks
choices       errors jobs
scaling       times errors operations jobs policies
recording     times errors operations operation_text jobs trace output policies scheduler
engines       times errors frozen states operations jobs observed trace policies scheduler recording
divergence    times trace
edges         times errors jobs observed trace metrics policies engines divergence orders
measured      times observed trace results resultrows recording
experiment    *
levels        *
quanta        *
real          *
native        *
calibrate     *
checked       *
crosscheck    *
confusion     *
reasons       times policies
explanation   times errors trace happenings deadlock results tables summary notebook reasons
export        times errors nearest trace happenings deadlock results output tables timeline summary gantt looks explanation
explain       *
report        *
testing       *
labs          *
__init__      *
cli           *
__main__      cli
"""

# The imports that point up, each in a function: a result shows itself when a notebook asks it to, and is
# written and explained when its user asks for that; a page says by which version it was made.
UPWARDS = {
    ("results", "notebook"),
    ("results", "export"),
    ("results", "explain"),
    ("results", "report"),
    ("report", "__init__"),
    ("crosschecked", "crosscheck_words"),
    ("confused", "crosscheck_words"),
    ("results", "plots"),
    ("results", "levels"),
    ("crosschecked", "plots"),
}

# What comes from outside, and the only files of schedsim/ that may import it.
OUTSIDE = {
    "simpy": ["engines/simulated.py"],
    "numba": ["engines/compiled.py"],
    "jinja2": ["report/render.py"],
    "markupsafe": [],
    "matplotlib": ["plots/"],
    "numpy": ["plots/", "engines/compiled.py"],
    "pandas": ["mixfile/frame.py", "resultrows.py"],
    "hypothesis": ["testing/strategies.py", "testing/together.py"],
    "pytest": [],
    "random": ["generate.py", "labs/"],
    "secrets": [],
    "multiprocessing": ["engines/real/", "experiment.py", "labs/"],
    "signal": ["engines/real/", "engines/native/", "cli/__init__.py", "labs/"],
    "time": ["engines/real/", "engines/native/", "cli", "labs/"],
    "psutil": ["engines/real/drivers.py", "labs/processes.py"],
    "ctypes": ["engines/real/linux.py", "labs/inversion.py"],
    "argparse": ["cli"],
    "rich": ["cli", "tables.py", "notebook.py"],
}

# A policy is rules and whole-number arithmetic: this is all that its file may import.
OF_A_POLICY = {
    "__future__",
    "typing",
    "schedsim.policies.base",
    "schedsim.policies.parameters",
    "schedsim.states",
    "schedsim.times",
}
# The other files of schedsim/policies/.
NOT_POLICIES = {"__init__.py", "base.py", "parameters.py", "options.py"}

LONGEST_FILE = 400
LONGEST_CORE = 300

# What costs more to load than all the rest of schedsim: none of it before it is needed.
HEAVY = {"IPython", "jinja2", "matplotlib", "numba", "numpy", "pandas", "rich", "simpy"}
# Parts of the standard library that each cost a good part of starting Python.
COSTLY = {"csv", "dataclasses", "difflib", "importlib.metadata", "inspect", "json", "pathlib", "tomllib"}

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.join(ROOT, "schedsim")


def files() -> list[str]:
    """Return the Python files of the package, by their paths inside it, with forward slashes."""
    found = []
    for folder, _, names in os.walk(PACKAGE):
        found += [os.path.join(folder, name) for name in names if name.endswith(".py")]
    return sorted(os.path.relpath(path, PACKAGE).replace(os.sep, "/") for path in found)


def table() -> dict[str, set[str]]:
    """Return the rows of TABLE: what each name may import."""
    rows: dict[str, set[str]] = {}
    for line in TABLE.strip().splitlines():
        name, *allowed = line.split()
        rows[name] = set(rows) if allowed == ["*"] else set(allowed)
    return rows


def row_of(module: str) -> str:
    """Return the row that ``schedsim.<row>.…`` belongs to; the package itself is ``__init__``."""
    return module.split(".")[1] if "." in module else "__init__"


def is_for_type_checkers(node: ast.AST) -> bool:
    """Return whether ``node`` is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Return line and full name of everything that is imported, in functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write the whole name, not a relative import"
            assert node.module is not None
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                yield node.lineno, below if is_module(below) else node.module
        elif isinstance(node, ast.If) and is_for_type_checkers(node):
            yield from imports(ast.Module(node.orelse, []))
        else:
            yield from imports(node)


def is_module(name: str) -> bool:
    """Return whether ``name`` is a module or a package of schedsim."""
    path = os.path.join(ROOT, *name.split("."))
    return name.startswith("schedsim.") and (os.path.isfile(path + ".py") or os.path.isdir(path))


def imports_of(file: str) -> list[tuple[int, str]]:
    """Return line and name of every import of a file of the package."""
    with open(os.path.join(PACKAGE, file), encoding="utf-8") as opened:
        return list(imports(ast.parse(opened.read(), file)))


def test_the_table_points_downwards():
    """A row names only rows above it."""
    above: set[str] = set()
    for name, allowed in table().items():
        assert allowed <= above, f"{name} imports from its own height or above: {allowed - above}"
        above.add(name)


def test_every_import_is_seen():
    """Imports in functions and in branches are found, those for type checkers alone are not."""
    program = (
        "import simpy\n"
        "if TYPE_CHECKING:\n    import numpy\nelse:\n    import os.path\n"
        "def function():\n    from schedsim import times\n    from schedsim.times import ns\n"
        "try:\n    import rich\nexcept ImportError:\n    from schedsim import run\n"
    )
    expected = [
        (1, "simpy"),
        (5, "os.path"),
        (7, "schedsim.times"),
        (8, "schedsim.times"),
        (10, "rich"),
        (12, "schedsim"),
    ]
    assert expected == list(imports(ast.parse(program)))


@pytest.mark.parametrize("file", files())
def test_a_file_imports_only_from_below(file):
    """Every import of another part of schedsim is in the file's row of the table."""
    row = file.split("/")[0].removesuffix(".py")
    assert row in table(), f"schedsim/{file} has no row in the table at the top of this file"
    allowed = table()[row] | {row}
    wrong = [
        f"schedsim/{file}:{line}: {name}"
        for line, name in imports_of(file)
        if name.split(".")[0] == "schedsim"
        and row_of(name) not in allowed
        and (row, row_of(name)) not in UPWARDS
    ]
    assert wrong == []


@pytest.mark.parametrize("file", files())
def test_what_comes_from_outside_has_its_place(file):
    """Only one file knows simpy, one matplotlib, and so on."""
    wrong = [
        f"schedsim/{file}:{line}: {name} belongs in {OUTSIDE[name.split('.')[0]]}"
        for line, name in imports_of(file)
        if name.split(".")[0] in OUTSIDE and not file.startswith(tuple(OUTSIDE[name.split(".")[0]]))
    ]
    assert wrong == []


@pytest.mark.parametrize("file", [file for file in files() if file.startswith("policies/")])
def test_a_policy_imports_its_contract_alone(file):
    """A policy knows no clock, no chance and no engine."""
    if os.path.basename(file) in NOT_POLICIES:
        assert file.count("/") == 1
        return
    assert {name for _, name in imports_of(file)} <= OF_A_POLICY


@pytest.mark.parametrize("file", files())
def test_a_file_is_short(file):
    """No file over 400 lines, the core under 300."""
    with open(os.path.join(PACKAGE, file), encoding="utf-8") as opened:
        lines = len(opened.readlines())
    assert lines < LONGEST_CORE if file == "scheduler/core.py" else lines <= LONGEST_FILE


def loaded_by(program: str) -> set[str]:
    """Return the modules that a fresh Python has loaded after ``program``, beyond those it starts with."""
    listing = "\nimport sys\nprint('modules:', *sys.modules)"
    found = []
    for code in ("", program):
        done = subprocess.run(
            [sys.executable, "-c", code + listing], cwd=ROOT, capture_output=True, text=True, check=True
        )
        found.append(set(done.stdout.rpartition("modules:")[2].split()))
    return found[1] - found[0]


def calling(*arguments: str) -> str:
    """Return a program that runs the command line in the process."""
    return (
        f"import sys\nsys.argv = ['schedsim', *{list(arguments)!r}]\n"
        "from schedsim.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )


@pytest.mark.parametrize(
    ("program", "unwanted"),
    [
        pytest.param("import schedsim", HEAVY | COSTLY, id="import"),
        pytest.param(calling("--help"), HEAVY | COSTLY, id="help"),
        pytest.param(calling("run", "--algo", "rr"), HEAVY - {"simpy", "rich"}, id="run"),
        pytest.param(calling("compare", "first"), HEAVY - {"simpy", "rich"}, id="compare"),
        pytest.param(calling("plot", "--help"), HEAVY | COSTLY, id="help of plot"),
        pytest.param(calling("plot", "first", "-o", "gantt"), HEAVY, id="plot refused"),
        pytest.param(calling("lab"), HEAVY, id="list of labs"),
        pytest.param("from schedsim.plots.names import RUN_KINDS", HEAVY | COSTLY, id="kinds of pictures"),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(program, unwanted):
    """Importing schedsim and asking for help stay quick; a run loads SimPy and no more."""
    assert unwanted & loaded_by(program) == set()


@pytest.mark.parametrize("program", ["import schedsim", calling("--help"), calling("lab", "--help")])
def test_no_lab_is_loaded_before_it_is_asked_for(program):
    """Neither by an import nor by a help text."""
    assert not any(name.startswith("schedsim.labs") for name in loaded_by(program))


def test_a_lab_loads_no_other():
    """What is loaded for one is its own file and the machinery."""
    loaded = loaded_by(calling("lab", "states"))
    assert "schedsim.labs.states" in loaded
    assert not {"schedsim.labs.convoy", "schedsim.labs.director", "schedsim.labs.stage"} & loaded
