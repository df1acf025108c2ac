"""Results as files: JSON with everything, tables as CSV and Parquet, an allocation on the map as GeoJSON."""

from __future__ import annotations

import io
import json
import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routeopt.errors import InputError, Problem
from routeopt.files.atomic import check_place, write_bytes, write_text
from routeopt.views.digest import Digest, Table, digest

if TYPE_CHECKING:
    import pandas

    from routeopt.allocation import Allocation

__all__ = ["to_csv", "to_geojson", "to_json", "to_lp", "to_mps", "to_parquet", "with_units"]

PathLike = str | os.PathLike[str]


def to_json(result: Any, path: PathLike | None = None, overwrite: bool = False) -> str:
    """See `routeopt.shown.Shown.to_json`."""
    _check(path, overwrite)
    shown = digest(result)
    document = {
        "kind": shown.kind,
        "title": shown.title,
        "subtitle": shown.subtitle,
        "figures": _figures(shown),
        "tables": {table.name: _table(table) for table in shown.tables},
        "notes": list(shown.notes),
        "manifest": result.manifest,
    }
    return _written(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False), path, overwrite)


def to_csv(result: Any, path: PathLike | None = None, table: str | None = None, overwrite: bool = False) -> str:
    """See `routeopt.shown.Shown.to_csv`."""
    _check(path, overwrite)
    frame = with_units(digest(result).table(table))
    return _written(frame.to_csv(lineterminator="\n"), path, overwrite)


def to_parquet(result: Any, path: PathLike, table: str | None = None, overwrite: bool = False) -> Path:
    """See `routeopt.shown.Shown.to_parquet`."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError(Problem("Parquet needs pyarrow", hint="pip install 'routeopt[parquet]'")) from None
    _check(path, overwrite)
    shown = digest(result)
    chosen = shown.table(table)
    frame = _flat(chosen.frame)
    for name in [name for name in frame.columns if frame[name].dtype.kind == "O"]:
        frame[name] = [value if isinstance(value, str) or value is None else str(value) for value in frame[name]]
    arrow = pyarrow.Table.from_pandas(frame)
    about = {"title": shown.title, "figures": _figures(shown), "units": dict(chosen.units), "manifest": result.manifest}
    metadata = {**(arrow.schema.metadata or {}), b"routeopt": json.dumps(about, ensure_ascii=False).encode()}
    sink = io.BytesIO()
    pyarrow.parquet.write_table(arrow.replace_schema_metadata(metadata), sink)
    return write_bytes(path, sink.getvalue(), overwrite)


def to_geojson(plan: Allocation, path: PathLike | None = None, overwrite: bool = False) -> str:
    """See `routeopt.Allocation.to_geojson`."""
    _check(path, overwrite)
    system, legs = plan.system, plan.legs
    at = {name: [node.at[1], node.at[0]] for name, node in system.nodes.items() if node.at is not None}
    features: list[dict[str, Any]] = []
    for name, spot in at.items():
        node = system.nodes[name]
        about = {"id": name, "what": "node", "kind": node.kind, "title": node.title or name, "country": node.country}
        features.append({"type": "Feature", "geometry": {"type": "Point", "coordinates": spot}, "properties": about})
    for leg, row in legs.iterrows():
        name = str(leg)
        ends = [at.get(str(row["origin"])), at.get(str(row["destination"]))]
        if None in ends:
            continue
        about = {"id": name, "what": "leg", **{key: plain(row[key]) for key in legs.columns},
                 "title": system.legs[name].title or name}  # fmt: skip
        line = {"type": "LineString", "coordinates": ends}
        features.append({"type": "Feature", "geometry": line, "properties": about})
    if not features:
        text = "no node of this system says where it is"
        raise InputError(Problem(text, ("nodes",), "write at: [latitude, longitude] for each node"))
    document = {"type": "FeatureCollection", "features": features,
                "routeopt": {"units": {"flow": plan.flow_unit, "money": plan.money_unit},
                             "manifest": plan.manifest}}  # fmt: skip
    return _written(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False), path, overwrite)


def to_lp(plan: Allocation, path: PathLike | None = None, overwrite: bool = False) -> str:
    """See `routeopt.Allocation.to_lp`."""
    return _programme(plan, "lp", path, overwrite)


def to_mps(plan: Allocation, path: PathLike | None = None, overwrite: bool = False) -> str:
    """See `routeopt.Allocation.to_mps`."""
    return _programme(plan, "mps", path, overwrite)


def _programme(plan: Allocation, kind: str, path: PathLike | None, overwrite: bool) -> str:
    _check(path, overwrite)
    problem = plan.to_pulp()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, f"programme.{kind}")
        problem.writeLP(str(place)) if kind == "lp" else problem.writeMPS(str(place))
        text = place.read_text(encoding="utf-8")
    return _written(text, path, overwrite)


def with_units(table: Table) -> pandas.DataFrame:
    """A table with the unit of each column in its head."""
    return table.frame.rename(columns=lambda name: f"{name} [{table.units[name]}]" if table.units.get(name) else name)


def plain(value: Any) -> Any:
    """A value that JSON knows; what is missing or infinite is None."""
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _figures(shown: Digest) -> list[dict[str, Any]]:
    return [{"label": one.label, "value": plain(one.value), "unit": one.unit} for one in shown.figures]


def _table(table: Table) -> dict[str, Any]:
    frame = table.frame
    keys = [str(name) for name in frame.index.names]
    rows = [[plain(value) for value in (key if isinstance(key, tuple) else (key,))] for key in frame.index]
    return {
        "title": table.title,
        "index": keys,
        "columns": [str(name) for name in frame.columns],
        "units": {str(name): unit for name, unit in table.units.items() if name in frame.columns},
        "rows": [[*key, *map(plain, values)] for key, values in zip(rows, frame.itertuples(index=False), strict=True)],
    }  # fmt: skip


def _flat(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.set_axis([str(name) for name in frame.columns], axis="columns")


def _check(path: PathLike | None, overwrite: bool) -> None:
    """Say before the work what could not be written after it."""
    if path is not None:
        check_place(path, overwrite)


def _written(text: str, path: PathLike | None, overwrite: bool) -> str:
    if path is not None:
        write_text(path, text if text.endswith("\n") else text + "\n", overwrite)
    return text
