"""Things to choose from, drawn for random systems."""

from __future__ import annotations

from typing import Any

import numpy as np


def drawn_options(system, seed: int, protect: int = 3) -> dict[str, Any]:
    """Protections in full and in part, builds on legs that stand, reopened legs and larger groups."""
    rng = np.random.default_rng([seed, 7919])
    legs = [name for name, leg in system.legs.items() if leg.status == "operating"]
    limited = [name for name in legs if system.legs[name].nominal < float("inf")]
    options: dict[str, Any] = {
        f"protect {leg}": {"protect": str(leg)} for leg in rng.choice(legs, min(protect, len(legs)), replace=False)
    }
    options["half"] = {"protect": {str(rng.choice(limited)): "50 %"}}
    for leg in rng.choice(limited, min(2, len(limited)), replace=False):
        volume = system.legs[leg].measured_by == "volume"
        size = f"{rng.uniform(1, 5) * (20 if volume else 1):.2f} {'kb/d' if volume else 'Mt/y'}"
        options[f"more {leg}"] = {"build": {str(leg): size}}
    for name, leg in system.legs.items():
        if leg.status in ("idle", "hypothetical"):
            options[f"reopen {name}"] = {"reopen": [name]}
            if leg.build is not None:
                options[f"safe {name}"] = {"build": {name: str(leg.build.sizes[-1])}, "protect": name}
    for name, group in system.groups.items():
        if group.capacity is not None:
            more = f"{2 * group.capacity.value} {group.capacity.unit}"
            options[f"larger {name}"] = {"override": {f"groups.{name}.capacity": more}}
    return options
