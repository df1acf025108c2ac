"""The audit table: every number and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routeopt.system.iterate import quantities
from routeopt.system.record import SystemRecord

if TYPE_CHECKING:
    import pandas

__all__ = ["audit_table"]


def audit_table(system: SystemRecord) -> pandas.DataFrame:
    """See `ExportSystem.sources`."""
    import pandas

    rows: list[dict[str, Any]] = []
    for path, quantity in quantities(system):
        cited = [system.bibliography[name] for name in quantity.source]
        basis = "estimate" if quantity.estimate else "sourced" if cited else "none"
        rows.append(
            {
                "number": ".".join(str(part) for part in path),
                "value": quantity.value,
                "unit": quantity.unit,
                "low": quantity.low,
                "high": quantity.high,
                "basis": basis,
                "source": ", ".join(quantity.source),
                "publisher": ", ".join(source.publisher for source in cited),
                "date": ", ".join(source.date for source in cited),
                "url": " ".join(source.url for source in cited),
                "note": quantity.estimate or quantity.note,
            }
        )
    columns = [
        "number",
        "value",
        "unit",
        "low",
        "high",
        "basis",
        "source",
        "publisher",
        "date",
        "url",
        "note",
    ]
    return pandas.DataFrame(rows, columns=columns).set_index("number")
