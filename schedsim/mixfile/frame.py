"""Jobs in a pandas DataFrame, or in anything with its ``columns`` and ``to_dict("records")``."""

from __future__ import annotations

import math
from typing import Any

from schedsim.errors import MixError
from schedsim.mixfile.fields import job_field


def records(frame: Any) -> list[dict[str, object]]:
    """Return the rows as mappings; a missing cell (NaN, NA, NaT, None) is left out of its row."""
    index = getattr(getattr(frame, "index", None), "name", None)
    if isinstance(index, str) and job_field(index):  # frame.set_index("pid") is how ids often come
        frame = frame.reset_index()
    names = [str(name) for name in frame.columns]
    for name in names:
        if names.count(name) > 1:
            raise MixError("two columns have this name; keep one", value=name)
    return [
        {str(name): value for name, value in row.items() if not _is_missing(value)}
        for row in frame.to_dict("records")
    ]


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)
