"""Systems that fail, in a few lines."""

from __future__ import annotations

import routeopt as ro


def fails(share, mean="10 d", **more):
    """Outages with a share of the time down: rate x mean / (1 + rate x mean)."""
    rate = 365 / float(mean.split()[0]) * share / (1 - share)
    return {"rate": f"{rate!r} /y", "repair": {"mean": mean}, **more}


def lines(output, legs, causes=None, **rest):
    """One field that sends its output over parallel legs ``id: (capacity, outages or None, {more})``, in kt/d."""
    written = {}
    for name, (capacity, outages, *more) in legs.items():
        written[name] = {"from": "field", "to": "port", "capacity": f"{capacity} kt/d", **(more[0] if more else {})}
        if outages:
            written[name]["outages"] = outages
    nodes = {"field": {"kind": "field", "output": f"{output} kt/d"}, "port": {"kind": "market"}}
    return ro.ExportSystem.from_dict({
        "units": {"flow": "kt/d"}, "nodes": nodes, "legs": written, "common_causes": causes or {}, **rest,
    })  # fmt: skip
