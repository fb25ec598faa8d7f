"""Runs one notebook from a clean kernel: ``python run.py NOTEBOOK``; says which cell failed, and with what."""

from __future__ import annotations

import os
import sys

import nbclient
import nbformat


DISTURBED = 3
"""The exit status where a cell asked the machine for more peace than it had."""


def main() -> int:
    """Run it where it stands; return the exit status."""
    path = sys.argv[1]
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": os.path.dirname(path)}}
    )
    try:
        client.execute()
    except nbclient.exceptions.CellExecutionError as error:
        print(error)
        return DISTURBED if error.ename == "HostError" and "too disturbed" in error.evalue else 1
    # What a reader sees: at least one picture or table in each lesson.
    kinds = {kind for cell in notebook.cells for output in cell.get("outputs", ()) for kind in output.get("data", {})}
    print("shows:", *sorted(kinds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
