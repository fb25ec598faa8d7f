"""Files are written whole or not at all, text as well as bytes."""

from __future__ import annotations

import os

import pytest

from schedsim.errors import HostError
from schedsim.output import replacing


def test_text_is_written_as_it_is(tmp_path):
    """In UTF-8, with no line ending changed."""
    with replacing(tmp_path / "a.txt") as file:
        file.write("é\n\r\n")
    assert "é\n\r\n".encode() == (tmp_path / "a.txt").read_bytes()


def test_bytes_are_written_as_they_are(tmp_path):
    """Every one of them."""
    with replacing(tmp_path / "a.png", binary=True) as file:
        file.write(bytes(range(256)))
    assert bytes(range(256)) == (tmp_path / "a.png").read_bytes()


@pytest.mark.parametrize("binary", [False, True])
def test_what_was_there_stays_when_something_goes_wrong(tmp_path, binary):
    """The old file is as it was, and nothing else is left behind."""
    path = tmp_path / "a"
    path.write_text("old", encoding="utf-8")

    def write():
        with replacing(path, binary=binary) as file:
            file.write(b"new" if binary else "new")
            raise ValueError("something else")

    with pytest.raises(ValueError, match="something else"):
        write()
    assert "old" == path.read_text(encoding="utf-8")
    assert ["a"] == os.listdir(tmp_path)


@pytest.mark.parametrize("binary", [False, True])
def test_a_full_disk(binary):
    """Is named with the path."""

    def write():
        with replacing("/dev/full", binary=binary) as file:
            file.write(b"new" if binary else "new")

    with pytest.raises(HostError, match="/dev/full: cannot be written \\(No space left on device\\)"):
        write()
