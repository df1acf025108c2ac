"""Results as files: JSON with everything, tables as CSV and Parquet, an allocation on the map as GeoJSON."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import os
import platform
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from routeopt.errors import InputError, Problem
from routeopt.files.atomic import check_place, write_bytes, write_text
from routeopt.results import Digest, Result, Table, joined, plain

if TYPE_CHECKING:
    import pandas

    from routeopt.allocation import Allocation

__all__ = [
    "csv_text", "document", "json_text", "manifest", "to_csv", "to_geojson", "to_json", "to_lp", "to_mps", "to_parquet",
    "with_units",
]  # fmt: skip

PathLike = str | os.PathLike[str]

_LIBRARIES = ("highspy", "numpy", "pandas", "pulp", "pydantic", "numba")


def to_json(result: Result, path: PathLike | None = None, overwrite: bool = False) -> str:
    """See `routeopt.results.Result.to_json`."""
    _check(path, overwrite)
    text = json_text({"kind": type(result).__name__, **document(result.digest()), "manifest": result.manifest})
    return _written(text, path, overwrite)


def to_csv(result: Result, path: PathLike | None = None, table: str | None = None, overwrite: bool = False) -> str:
    """See `routeopt.results.Result.to_csv`."""
    _check(path, overwrite)
    return _written(csv_text(result.digest().table(table)), path, overwrite)


def to_parquet(result: Result, path: PathLike, table: str | None = None, overwrite: bool = False) -> Path:
    """See `routeopt.results.Result.to_parquet`."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError(Problem("Parquet needs pyarrow", hint="pip install 'routeopt[parquet]'")) from None
    _check(path, overwrite)
    shown = result.digest()
    chosen = shown.table(table)
    frame = chosen.frame.set_axis([str(name) for name in chosen.frame.columns], axis="columns")
    for name in [name for name in frame.columns if frame[name].dtype.kind == "O"]:
        frame[name] = [value if value is None else _cell(value) for value in frame[name]]
    arrow = pyarrow.Table.from_pandas(frame)
    about = {"title": shown.title, "figures": _figures(shown), "units": dict(chosen.units), "manifest": result.manifest}
    metadata = {**(arrow.schema.metadata or {}), b"routeopt": json.dumps(about, ensure_ascii=False).encode()}
    sink = io.BytesIO()
    pyarrow.parquet.write_table(arrow.replace_schema_metadata(metadata), sink)
    return write_bytes(path, sink.getvalue(), overwrite)


def document(shown: Digest) -> dict[str, Any]:
    """A digest as plain data for JSON: figures and tables by name, each with its units, rows as records."""
    return {
        "title": shown.title,
        "subtitle": shown.subtitle,
        "figures": _figures(shown),
        "tables": {table.name: _table(table) for table in shown.tables},
        "notes": list(shown.notes),
    }


def json_text(data: Mapping[str, Any], ascii_only: bool = False) -> str:
    """Plain data as JSON."""
    return json.dumps(data, ensure_ascii=ascii_only, indent=1, allow_nan=False)


def csv_text(table: Table) -> str:
    """A table as comma-separated values: ``flow [Mt/y]``, and numbers with all their digits."""
    frame = with_units(table)
    for name in frame.columns:
        if frame[name].dtype.kind == "O":
            frame[name] = [joined(value) if isinstance(value, list | tuple) else value for value in frame[name]]
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text


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
        place = Path(folder, f"program.{kind}")
        problem.writeLP(str(place)) if kind == "lp" else problem.writeMPS(str(place))
        text = place.read_text(encoding="utf-8")
    return _written(text, path, overwrite)


def with_units(table: Table) -> pandas.DataFrame:
    """A table, its index among its columns, with the unit of each in its head; parts of one and counts have none."""
    heads = {name: f"{name} [{unit}]" for name, unit in table.units.items() if unit not in ("1", "share")}
    return table.flat().rename(columns=heads)


def _cell(value: Any) -> str:
    return joined(value) if isinstance(value, list | tuple) else str(value)


def _figures(shown: Digest) -> dict[str, Any]:
    """Figures by name; where two labels make one name (``a-b`` and ``a b``) the second gets a number."""
    found: dict[str, Any] = {}
    for one in (*shown.figures, *shown.details):
        name, count = one.name, 1
        while name in found:
            count += 1
            name = f"{one.name}_{count}"
        found[name] = {"label": one.label, "value": plain(one.value), "unit": one.unit}
    return found


def _table(table: Table) -> dict[str, Any]:
    frame = table.flat()
    return {
        "title": table.title,
        "index": list(frame.columns[: table.frame.index.nlevels]),
        "units": {name: table.units[name] for name in frame.columns if name in table.units},
        "rows": [{name: plain(value) for name, value in row.items()} for row in frame.to_dict("records")],
    }


def _check(path: PathLike | None, overwrite: bool) -> None:
    """Say before the work what could not be written after it."""
    if path is not None:
        check_place(path, overwrite)


def _written(text: str, path: PathLike | None, overwrite: bool) -> str:
    if path is not None:
        write_text(path, text if text.endswith("\n") else text + "\n", overwrite)
    return text


def manifest(result: Result) -> dict[str, Any]:
    """See `routeopt.results.Result.manifest`."""
    import routeopt

    origins = result.origins()
    scenarios = {**{name: plan.scenario for name, plan in origins.plans.items()}, **origins.scenarios}
    made: dict[str, Any] = {"routeopt": routeopt.__version__, "python": platform.python_version()}
    made["versions"] = {name: version for name in _LIBRARIES if (version := _version(name))}
    made["result"] = type(result).__name__
    made["systems"] = {system.name: _hash(system.to_dict()) for system in origins.systems}
    made["scenarios"] = {name: _hash(scenario.written()) for name, scenario in scenarios.items()}
    made |= origins.settings
    if origins.plans:
        certificates = {name: plan.certificate for name, plan in origins.plans.items()}
        made["certificates"] = {name: str(one) for name, one in certificates.items()}
        made["solver"] = sorted({str(one.solver) for one in certificates.values()})
    return made


def _hash(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
