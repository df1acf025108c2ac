"""From pandas rows to records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routeopt.errors import Problem, SystemDataError

if TYPE_CHECKING:
    import pandas

__all__ = ["rows_by_id"]


def rows_by_id(frame: pandas.DataFrame, what: str) -> dict[str, dict[str, Any]]:
    """Rows of a frame as mappings by id, without the empty cells.

    Raises
    ------
    SystemDataError
        Two rows have one id; in a mapping one of them would be lost.
    """
    import pandas

    if "id" in frame.columns:
        frame = frame.set_index("id")
    twice = frame.index[frame.index.duplicated()].unique()
    if len(twice):
        raise SystemDataError([Problem(f"two rows have the id {name!r}", (what, str(name))) for name in twice])

    def empty(value: Any) -> bool:
        return value is None or (pandas.api.types.is_scalar(value) and bool(pandas.isna(value)))

    return {
        str(name): {str(key): _plain(value) for key, value in row.items() if not empty(value)}
        for name, row in frame.to_dict(orient="index").items()
    }


def _plain(value: Any) -> Any:
    """Numbers of numpy as numbers of Python."""
    return value.item() if hasattr(value, "item") else value
