"""From YAML events to lists, mappings and scalars, with a stack of our own instead of recursion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from routeopt.errors import FileError, Problem
from routeopt.files.positions import Marks, Positions
from routeopt.files.scalars import FIRST, LongNumberError, resolve

__all__ = ["MAX_DEPTH", "MAX_NODES", "Composer"]

MAX_DEPTH = 64
"""Lists and mappings inside each other, also through aliases."""
MAX_NODES = 2_000_000
"""Keys, values, lists and mappings of a file, counting what an alias stands for each time."""

_CORE = "tag:yaml.org,2002:"
_CORE_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
}
_KINDS = {type(None): "nothing", bool: "a truth value", int: "a number", float: "a number"}
_AWAITED, _DROPPED = object(), object()
"""States of a mapping's frame: the next node is a key; the next node is a value that is thrown away."""


class _Frame:
    """A list or mapping that is not complete yet."""

    __slots__ = ("anchor", "at", "before", "container", "height", "index", "key", "marks")

    def __init__(self, container: Any, marks: Marks, anchor: str | None, before: int) -> None:
        self.container, self.marks, self.anchor, self.before = container, marks, anchor, before
        self.key: Any = _AWAITED
        self.index = 0  # where the key began
        self.at = ""  # the last key, for the path of what is under it
        self.height = 1


class Composer:
    """Puts a document together in ``positions``; ``problems`` are those after which it could go on."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.problems: list[Problem] = []
        self._stack: list[_Frame] = []
        # name -> value, nodes in it, height; None while it is still being written
        self._anchors: dict[str, tuple[Any, int, int] | None] = {}
        self._nodes = 0

    def compose(self, events: Iterable[Any]) -> None:
        """Read events to the end of the stream. FileError if a limit is passed, an alias leads nowhere, or there is not
        exactly one document."""
        documents = 0
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent:
                self._open({}, event, "map")
            elif kind is SequenceStartEvent:
                self._open([], event, "seq")
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close()
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise self._stop("a second document begins", event.start_mark.index, "keep one in a file")
        if self.positions.data is None and not self.problems:
            raise self._stop("is empty", self.positions.root, "", "empty")

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        value: Any = text
        index: int = event.start_mark.index
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._too_many(index)
        plain = event.implicit[0]
        if event.tag is not None:
            value, plain = self._tagged(text, event), False
        elif plain and (not text or text[0] in FIRST):
            try:
                value = resolve(text)
            except LongNumberError as error:
                self._note(f"is {error}", index, "write it as 1e30, or put it in quotes")
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1, 0)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.key is _AWAITED and type(frame.container) is dict:
            self._set_key(frame, value, text, index, plain)
        else:
            self._add(value, index)

    def _tagged(self, text: str, event: Any) -> Any:
        """The value of a scalar with a tag: ``!!str 12`` is a text."""
        index = event.start_mark.index
        tag: str = event.tag
        short = tag.removeprefix(_CORE)
        if tag in ("!", _CORE + "str"):
            return text
        try:
            value = resolve(text)
        except LongNumberError:
            value = text
        if short != tag and short in _CORE_TYPES:
            if type(value) in _CORE_TYPES[short]:
                return float(value) if short == "float" and isinstance(value, int) else value
            self._note(f"{text!r} does not fit the tag !!{short}", index, "leave out the tag", "tag")
            return text
        self._refuse_tag(tag, index)
        return text if event.style in ("'", '"', "|", ">") else value

    def _refuse_tag(self, tag: str, index: int) -> None:
        shown = "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag
        hint = "leave it out, or put text that begins with ! in quotes"
        self._note(f"the tag {shown} is not allowed", index, hint, "tag")

    def _open(self, container: Any, event: Any, kind: str) -> None:
        index = event.start_mark.index
        if len(self._stack) >= MAX_DEPTH:
            raise self._stop(f"lists and mappings are nested more than {MAX_DEPTH} deep", index, "", "limit")
        before = self._nodes
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._too_many(index)
        if event.tag is not None and event.tag not in (_CORE + kind, "!"):
            self._refuse_tag(event.tag, index)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._add(container, index)
        self._stack.append(_Frame(container, self.positions.table(container), event.anchor, before))

    def _close(self) -> None:
        frame = self._stack.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (frame.container, self._nodes - frame.before, frame.height)
        if self._stack:
            parent = self._stack[-1]
            parent.height = max(parent.height, frame.height + 1)

    def _alias(self, event: Any) -> None:
        name, index = event.anchor, event.start_mark.index
        if name not in self._anchors:
            raise self._stop(f"nothing is called '&{name}'", index, "put text that begins with * in quotes", "alias")
        anchor = self._anchors[name]
        if anchor is None:
            raise self._stop(f"'*{name}' stands inside what it stands for", index, "write it out", "alias")
        value, nodes, height = anchor
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise self._too_many(index)
        if len(self._stack) + height > MAX_DEPTH:
            raise self._stop(f"nested more than {MAX_DEPTH} deep through aliases", index, "write it out", "limit")
        frame = self._stack[-1]
        frame.height = max(frame.height, height + 1)
        if height == 0 and frame.key is _AWAITED and type(frame.container) is dict:
            self._set_key(frame, value, str(value), index, False)
        else:
            self._add(value, index)

    def _set_key(self, frame: _Frame, value: Any, text: str, index: int, plain: bool) -> None:
        frame.index = index
        if plain and text == "<<":
            self._note("the merge key '<<' is not read", index, "write the keys out, or use extends in scenarios")
            frame.key = _DROPPED
            return
        if type(value) is not str:
            hint = f"put it in quotes: '{text}'" if text else "write the key before the ':'"
            self._note(f"a key must be text, not {_KINDS[type(value)]}", index, hint, "key")
            value = text
        frame.at = value
        if value in frame.container:
            first, _ = self.positions.place(frame.marks[value][0])
            self._note(f"the key {value!r} is there twice, first on line {first}", index,
                       "keep one of them", "duplicate-key", value)  # fmt: skip
            frame.key = _DROPPED
            return
        frame.key = value

    def _add(self, value: Any, index: int) -> None:
        """Put a value where it belongs; lists and mappings are put there before they are filled."""
        if not self._stack:
            self.positions.data, self.positions.root = value, index
            return
        frame = self._stack[-1]
        container = frame.container
        if type(container) is list:
            frame.marks[len(container)] = (index, index)
            container.append(value)
        elif frame.key is _AWAITED:
            self._note("a list or mapping cannot be a key", index, "write a word, or put the text in quotes", "key")
            frame.key = _DROPPED
        else:
            if frame.key is not _DROPPED:
                container[frame.key] = value
                frame.marks[frame.key] = (frame.index, index)
            frame.key = _AWAITED

    def _path(self) -> tuple[str | int, ...]:
        above = self._stack[:-1]
        return tuple(len(f.container) - 1 if type(f.container) is list else f.at for f in above)

    def _note(self, message: str, index: int, hint: str = "", code: str = "syntax", *last: str) -> None:
        line, column = self.positions.place(index)
        path = (*self._path(), *last)
        self.problems.append(Problem(message, path, hint, code, self.positions.file, line, column))

    def _stop(self, message: str, index: int, hint: str = "", code: str = "syntax") -> FileError:
        line, column = self.positions.place(index)
        return FileError([*self.problems, Problem(message, (), hint, code, self.positions.file, line, column)])

    def _too_many(self, index: int) -> FileError:
        return self._stop(f"holds more than {MAX_NODES:,} keys and values, counting aliases", index, "", "limit")
