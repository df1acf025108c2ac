"""From pandas rows to records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from routeopt.errors import Problem, SystemDataError

if TYPE_CHECKING:
    import pandas

__all__ = ["rows_by_id"]


def rows_by_id(frame: pandas.DataFrame, what: str) -> dict[str, dict[str, Any]]:
    """Rows of a frame as mappings by id, without the empty cells; every row needs an id of its own."""
    import pandas

    if not isinstance(frame, pandas.DataFrame):
        raise SystemDataError(f"{what} must be a pandas DataFrame, not {type(frame).__name__}")
    if "id" in frame.columns:
        frame = frame.set_index("id")
    if frame.index.hasnans:
        raise SystemDataError(Problem("a row has no id", (what,), "fill in the column id", "missing"))
    names = [str(name) for name in frame.index]
    twice = sorted({name for name, count in Counter(names).items() if count > 1})
    twice += sorted({str(key) for key, count in Counter(map(str, frame.columns)).items() if count > 1})
    if twice:
        raise SystemDataError(
            Problem(f"two {'rows have the id' if name in names else 'columns are called'} {name!r}", (what,),
                    "name it once", "duplicate")
            for name in twice
        )  # fmt: skip

    def empty(value: Any) -> bool:
        return value is None or (pandas.api.types.is_scalar(value) and bool(pandas.isna(value)))

    return {
        str(name): {str(key): _plain(value) for key, value in row.items() if not empty(value)}
        for name, row in frame.to_dict(orient="index").items()
    }


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy as numbers and lists of Python."""
    return value.tolist() if hasattr(value, "tolist") else value
