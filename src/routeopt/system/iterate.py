"""Every quantity of a system with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from routeopt.system.quantity import Quantity

__all__ = ["quantities"]

Path = tuple[str | int, ...]


def quantities(part: object, path: Path = ()) -> Iterator[tuple[Path, Quantity]]:
    """Walk a record and yield each quantity in it, with the keys that lead there in a file.

    Examples
    --------
    >>> from routeopt.system.commercial import Contract
    >>> contract = Contract(legs="btc", volume="1.5 Mt/y")
    >>> [(path, str(quantity)) for path, quantity in quantities(contract)]
    [(('volume',), '1.5 Mt/y')]
    """
    if isinstance(part, Quantity):
        yield path, part
    elif isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            value = getattr(part, name)
            # Components stand beside their arrangement in a file, not under "parts".
            key = () if name == "parts" else (field.alias or name,)
            if value is not None and not isinstance(value, str):
                yield from quantities(value, path + key)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            yield from quantities(value, (*path, name))
    elif isinstance(part, tuple):
        for place, value in enumerate(part):
            yield from quantities(value, (*path, place))
