"""What the YAML parser complains about, in words that help."""

from __future__ import annotations

import yaml

from routeopt.errors import Problem
from routeopt.files.compose import MAX_DEPTH
from routeopt.files.positions import Positions

__all__ = ["syntax_problem"]

# What libyaml (and PyYAML's own parser, in slightly other words) says -> what is wrong, what to write instead.
_WORDS: tuple[tuple[str, str, str], ...] = (
    # Newer parsers give up by themselves, before the reader has counted.
    ("maximum nesting depth", f"lists and mappings are nested more than {MAX_DEPTH} deep", ""),
    ("tab character", "a tab in the indentation", "indent with spaces"),
    ("mapping values are not allowed", "a ':' where no key can be",
     "put text that contains ': ' in quotes, or mend the indentation"),
    ("unexpected ':'", "a ':' without a blank after it", "write key: value, or put text with ':' in quotes"),
    ("could not find expected ':'", "a key without ':'", "write key: value, or mend the indentation"),
    ("expected ',' or ']'", "a list in brackets that does not go on or end", "write [a, b]"),
    ("expected ',' or '}'", "a mapping in braces that does not go on or end", "write {a: 1, b: 2}"),
    ("expected '-' indicator", "a list that goes on without '-'", "begin each entry with '- ' in the same column"),
    ("expected <block end>", "a line that does not fit the lines above", "mend the indentation"),
    ("did not find expected key", "a line that does not fit the keys above",
     "mend the indentation, or put text with special characters in quotes"),
    ("block sequence entries are not allowed", "a list entry '- ' where none can be",
     "begin the list on a line of its own"),
    ("mapping keys are not allowed", "a '? ' where no key can be", "write key: value"),
    ("unexpected end of stream", "text in quotes that has no end", "close the quotes"),
    ("unexpected document", "text in quotes that has no end before the next document", "close the quotes"),
    ("unknown escape", "a backslash that means nothing in double quotes", r"write \\, or use single quotes"),
    ("hexdecimal number", "an escape with the wrong number of digits", r"write \u00e9, or \\ for a backslash"),
    ("hexadecimal", "an escape with the wrong number of digits", r"write \u00e9, or \\ for a backslash"),
    ("Unicode character escape", "an escape that is no character", r"write \u00e9, or \\ for a backslash"),
    ("alphabetic or numeric", "a '*' or '&' without a name", "put text that begins with * or & in quotes"),
    ("undefined tag handle", "a tag '!...' that nobody declared", "put text that begins with ! in quotes"),
    ("while scanning a tag", "a tag '!...' that cannot be read", "put text that begins with ! in quotes"),
    ("while parsing a tag", "a tag '!...' that cannot be read", "put text that begins with ! in quotes"),
    ("directive", "a line with % that is no directive", "put text that begins with % in quotes"),
    ("incompatible YAML document", "a version of YAML that is not read here", "leave out the line with %YAML"),
    ("comment or line break", "text after | or >", "begin the text on the next line"),
    ("indentation indicator", "text after | or >", "begin the text on the next line"),
    ("<document start>", "more text after the end of the data", "mend the indentation"),
    ("node content", "nothing where a value is needed", "write the value, or put special characters in quotes"),
)  # fmt: skip

_CHARACTERS = {
    "\t": ("a tab where only spaces can be", "indent with spaces"),
    "%": ("text that begins with %", "put it in quotes"),
    "@": ("text that begins with @", "put it in quotes"),
    "`": ("text that begins with `", "put it in quotes"),
}


def syntax_problem(error: yaml.YAMLError | ValueError, positions: Positions) -> Problem:
    """Say what the parser found, and where.

    >>> text = "a: [1, 2"
    >>> try:
    ...     _ = list(yaml.parse(text))
    ... except yaml.YAMLError as error:
    ...     print(syntax_problem(error, Positions(text, "system.yaml")))
    system.yaml:1:9: a list in brackets that does not go on or end (it begins on line 1); write [a, b]
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Problem("cannot be read as YAML", (), str(error)[:80], "syntax", positions.file, 1, 1)
    said = f"{error.context or ''}: {error.problem or ''}"
    index = error.problem_mark.index
    if "cannot start any token" in said:
        character = positions.text[index : index + 1]
        message, hint = _CHARACTERS.get(character, (f"{character!r} where it cannot be", "put the text in quotes"))
    else:
        found = ((message, hint) for words, message, hint in _WORDS if words in said)
        message, hint = next(found, (f"cannot be read as YAML: {error.problem}", ""))
    if error.context_mark is not None:
        begun = error.context_mark.index
        if "simple key" in said or ("quoted scalar" in said and "no end" in message):
            index = begun  # the parser noticed much later
        elif "go on" in message and "flow" in said:
            message += f" (it begins on line {positions.place(begun)[0]})"
    line, column = positions.place(index)
    return Problem(message, (), hint, "syntax", positions.file, line, column)
