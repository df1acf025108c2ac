"""Types of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
