"""Reading YAML: what words mean, where things stand, what is refused, and the limits."""

from __future__ import annotations

import math
import os
import time

import pytest
import yaml

from routeopt.errors import FileError
from routeopt.files import reader
from routeopt.files.compose import MAX_DEPTH, MAX_NODES
from routeopt.files.reader import read_file, read_text


def value(text):
    return read_text(f"key: {text}\n").data["key"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NO", "NO"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("12:30", "12:30"), ("12:30:45", "12:30:45"), ("2025-11-29", "2025-11-29"), ("1_000", "1_000"),
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("tRUE", "tRUE"),
        ("0", 0), ("-12", -12), ("+3", 3), ("017", 17), ("0o17", 15), ("0x1F", 31), ("0b1", "0b1"), ("-0x1", "-0x1"),
        ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e5", 1e5), ("1E+5", 1e5), ("-1.5e-3", -0.0015), ("1e999", math.inf),
        (".inf", math.inf), ("-.Inf", -math.inf), ("+.INF", math.inf), ("inf", "inf"), ("nan", "nan"), (".", "."),
        ("1.2.3", "1.2.3"), ("-", [None]), ("+", "+"), ("e5", "e5"), ("39 Mt/y", "39 Mt/y"), ("=", "="),
        ("'12'", "12"), ('"~"', "~"), ("'true'", "true"), ("|\n  12", "12\n"), (">-\n  12", "12"), ("''", ""),
        ("!!str 12", "12"), ("! 12", "12"), ("!!int '12'", 12), ("!!float 3", 3.0), ("!!bool 'true'", True),
        ("!!null ''", None), ("!!map {a: 1}", {"a": 1}), ("!!seq [1]", [1]), ('"a\\u00e9\\n"', "aé\n"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_rules(text, expected):
    if text == "-":
        text = "\n- "
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_not_a_number():
    assert all(math.isnan(value(text)) for text in (".nan", ".NaN", ".NAN"))


def test_the_same_without_libyaml(monkeypatch, system_text):
    fast = read_text(system_text)
    monkeypatch.setattr(reader, "_LOADER", yaml.SafeLoader)
    slow = read_text(system_text)
    assert slow.data == fast.data
    for path in (("legs", "ship", "fleet", "cargo"), ("legs", "trunk", "countries", 1), ("routes",)):
        assert slow.positions.find(path) == fast.positions.find(path)
        assert slow.positions.find(path, on_key=True) == fast.positions.find(path, on_key=True)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_positions(line_end, mark):
    text = mark + line_end.join(
        ["# é", "legs:", "  btc: {cap: [1, {x: 2}]}", "  'c p c':", "    - one", "    - two", ""]
    )
    positions = read_text(text.encode()).positions
    assert positions.find(("legs",), on_key=True) == (2, 1)
    assert positions.find(("legs", "btc", "cap")) == (3, 14)
    assert positions.find(("legs", "btc", "cap"), on_key=True) == (3, 9)
    assert positions.find(("legs", "btc", "cap", 1, "x")) == (3, 22)
    assert positions.find(("legs", "c p c", 1)) == (6, 7)
    assert positions.find(("legs", "c p c", "two")) == (6, 7)
    # a block is found at its key, and what is not there at what should hold it
    assert positions.find(("legs", "c p c")) == (4, 3)
    assert positions.find(("legs", "btc", "nothing", "at", "all")) == (3, 3)
    assert positions.find(("legs", "btc", "cap", 7)) == (3, 9)
    assert positions.find(("legs", "btc", "cap", 0, "unit")) == (3, 15)
    assert positions.find(()) == (2, 1)


def test_what_an_alias_stands_for_is_found_where_it_is_written():
    document = read_text("a: &x {b: 1}\nc: *x\nd: *x\n")
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1}}
    assert document.positions.find(("d",)) == (3, 4)
    assert document.positions.find(("d", "b")) == (1, 11)


SYNTAX = [
    ("a tab before a key", "a:\n§\tb: 1\n", "a tab", "indent with spaces"),
    ("a tab before an entry", "a:\n  - 1\n§\t- 2\n", "tab", "indent with spaces"),
    ("an open list", "a: [1, 2\nb§: 3\n", "a list in brackets", "it begins on line 1", "write [a, b]"),
    ("an open mapping", "a: {b: 1\nc§: 3\n", "a mapping in braces", "it begins on line 1"),
    ("open quotes", "a: §\"text\nb: 1\n", "text in quotes that has no end", "close the quotes"),
    ("open single quotes", "a: §'text\nb: 1\n", "text in quotes that has no end"),
    ("a bracket that was not opened", "a: 1\n§]\n", "does not fit"),
    ("a wrong bracket", "a: [1§}\n", "list in brackets"),
    ("a colon in text", "title: Baku§: the port\n", "put text that contains ': ' in quotes"),
    ("an indentation too far", "a: 1\n  b§: 2\n", "mend the indentation"),
    ("an indentation between", "a:\n    b: 1\n  §c: 2\n", "mend the indentation"),
    ("an entry among keys", "a: 1\n§- b\n", "mend the indentation"),
    ("a key among entries", "- a\n§b: 1\n", "list that goes on without '-'"),
    ("a key without a colon", "a: 1\n§b\nc: 2\n", "a key without ':'"),
    ("a percent sign", "a: §%5\n", "begins with %", "in quotes"),
    ("an at sign", "a: §@home\n", "begins with @", "in quotes"),
    ("a backtick", "a: §`home`\n", "begins with `", "in quotes"),
    ("an unknown escape", 'a: "c:§\\docs"\n', "a backslash that means nothing", "single quotes"),
    ("a short escape", 'a: "\\u§12"\n', "an escape with the wrong number of digits"),
    ("a star", "a: *§ b\n", "in quotes"),
    ("an alias of nothing", "a: §*b\n", "nothing is called '&b'", "in quotes"),
    ("an alias inside itself", "a: &b [1, §*b]\n", "'*b' stands inside what it stands for"),
    ("a tag", "a: §!route cpc\n", "the tag !route is not allowed", "leave it out"),
    ("a tag on a mapping", "a: §!!omap {b: 1}\n", "the tag !!omap is not allowed"),
    ("a tag that calls", "a: §!!python/object/apply:os.system [echo]\n",
     "the tag !!python/object/apply:os.system is not"),
    ("a tag on text", "a: §!!timestamp 2025-01-01\n", "the tag !!timestamp is not allowed"),
    ("a tag that does not fit", "a: §!!int x\n", "'x' does not fit the tag !!int"),
    ("a tag of nobody", "a: §!x!y z\n", "nobody declared"),
    ("a key twice", "a: 1\nb: 2\n§a: 3\n", "the key 'a' is there twice, first on line 1"),
    ("a key twice in braces", "a: {b: 1, §b: 2}\n", "the key 'b' is there twice, first on line 1"),
    ("a key twice, once in quotes", "a: 1\n§'a': [1, 2]\n", "twice"),
    ("a merge key", "a: &x {b: 1}\nc:\n  §<<: *x\n", "merge key", "extends"),
    ("a number as a key", "a:\n  §2025: 1\n", "a key must be text, not a number", "quotes: '2025'"),
    ("a truth value as a key", "§true: 1\n", "a key must be text, not a truth value", "'true'"),
    ("nothing as a key", "a:\n  §: 1\n", "does not fit the keys above"),
    ("null as a key", "§~: 1\n", "a key must be text", "'~'"),
    ("a list as a key", "? §[a, b]\n: 1\n", "a list or mapping cannot be a key"),
    ("a mapping as a key", "? §{a: b}\n: {c: 1}\n", "a list or mapping cannot be a key"),
    ("two documents", "a: 1\n§---\nb: 2\n", "second document"),
    ("text after the end", "{a: 1}\n§b: 1\n", "more text after the end"),
    ("a NUL byte", "a: b§\0c\n", "cannot be in a text file"),
    ("a control character", "a: b§\x1bc\n", "cannot be in a text file"),
    ("a long number", f"a: §{'9' * 301}\n", "a number of 301 digits"),
    ("a long number in base 16", f"a: §0x{'f' * 400}\n", "digits"),
    ("a strange directive", "§%YAML 3.0\n---\na: 1\n", "YAML"),
    ("a block with a tail", "a: | §x\n  b\n", "after |"),
    ("an empty file", "§", "is empty"),
    ("a file of comments", "§# nothing\n# at all\n", "is empty"),
    ("a file of null", "§~\n", "is empty"),
]  # fmt: skip


@pytest.mark.parametrize("case", SYNTAX, ids=[case[0] for case in SYNTAX])
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_syntax(case, loader, monkeypatch):
    monkeypatch.setattr(reader, "_LOADER", getattr(yaml, loader))
    _, text, *words = case
    before, _, after = text.partition("§")
    try:
        problems = read_text(before + after, "f.yaml").problems
    except FileError as error:
        problems = error.problems
    (problem,) = problems
    assert (problem.file, problem.line) == ("f.yaml", before.count("\n") + 1), str(problem)
    if loader == "CSafeLoader":  # PyYAML's own parser notices some mistakes a few characters later
        assert problem.column == len(before.rpartition("\n")[2]) + 1, str(problem)
        assert all(word in str(problem) for word in words), str(problem)


def test_a_colon_without_a_blank():
    if reader._LOADER is not yaml.SafeLoader:  # PyYAML's own parser lets it pass
        with pytest.raises(FileError, match=r"a ':' without a blank after it"):
            read_text("a: {b:, c: 1}\n")


def test_reading_goes_on_after_what_can_be_mended():
    document = read_text("a: 1\na: 2\n3: x\nb: !t 5\n<<: {c: 1}\nd: [{e: 1, e: {f: 2}}]\n")
    assert document.data == {"a": 1, "3": "x", "b": 5, "d": [{"e": 1}]}
    assert [problem.line for problem in document.problems] == [2, 3, 4, 5, 6]
    assert [problem.path for problem in document.problems][-1] == ("d", 0, "e")


def test_mistakes_before_a_fatal_one_are_told_too():
    with pytest.raises(FileError) as raised:
        read_text("a: 1\na: 2\nb: [\n")
    assert [problem.line for problem in raised.value.problems] == [2, 4]


def refused(text, *words, seconds=2.0):
    begun = time.perf_counter()
    with pytest.raises(FileError) as raised:
        read_text(text, "f.yaml")
    assert time.perf_counter() - begun < seconds
    problem = raised.value.problems[-1]
    assert problem.line > 0
    assert all(word in problem.message for word in words), problem.message
    return problem


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000, "? " * 100_000, "a: [" * 100_000])
def test_deep_nesting_is_refused_at_once(text):
    refused(text, "" if text.startswith("a: [") else "nested more than 64 deep")


def test_the_deepest_that_is_read():
    assert read_text("[" * MAX_DEPTH + "]" * MAX_DEPTH).problems == ()
    refused("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested more than")


def test_depth_through_aliases():
    lines = ["a0: &a0 [1]", *(f"a{i}: &a{i} [[[*a{i - 1}]]]" for i in range(1, 30))]
    assert refused("\n".join(lines), "deep through aliases").line == 22


def test_an_alias_bomb_costs_nothing():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert refused("\n".join(lines), f"more than {MAX_NODES:,}", seconds=0.5).line == 7


def test_many_aliases_are_fine():
    assert len(read_text("a: &a [1, 2]\nb: [" + "*a, " * 1000 + "]").data["b"]) == 1000


def test_size_is_checked_before_reading(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_bytes(b"")
    os.truncate(path, 40 * 1024 * 1024)
    with pytest.raises(FileError, match=r"large\.yaml: has 42 MB; files up to 34 MB are read"):
        read_file(path)
    with pytest.raises(FileError, match="files up to"):
        read_text("a" * (reader.MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (b"a: 1\nb: caf\xe9\n", (2, 7), "not text in UTF-8: byte 0xe9; save the file as UTF-8"),
        ("a: é".encode("utf-16"), (1, 1), "not text in UTF-8"),
        (b"PK\x03\x04zip", (1, 3), "cannot be in a text file"),
        (b"\x89PNG\r\n\x1a\n", (1, 1), "not text in UTF-8"),
        (b"a: \xed\xa0\x80", (1, 4), "not text in UTF-8"),
    ],
)
def test_what_is_not_text(content, place, words):
    with pytest.raises(FileError) as raised:
        read_text(content, "f.yaml")
    (problem,) = raised.value.problems
    assert (problem.line, problem.column) == place
    assert words in str(problem)


def test_what_is_not_a_file(tmp_path):
    (tmp_path / "routes.yaml").write_text("a: 1", encoding="utf-8")
    for path, words in [
        (tmp_path, "is a folder, not a file"),
        (tmp_path / "rouets.yaml", "there is no such file; did you mean 'routes.yaml'?"),
        (tmp_path / "nowhere" / "a.yaml", "there is no such file; there is no folder"),
        (tmp_path / "routes.yaml" / "a.yaml", "cannot be read"),
        (tmp_path / "a\0b.yaml", "is not the name of a file"),
        (tmp_path / ("a" * 300), "cannot be read"),
    ]:
        with pytest.raises(FileError) as raised:
            read_file(path)
        assert words in str(raised.value)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(FileError, match="is not a file that can be read"):
        read_file(tmp_path / "pipe.yaml")


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "secret.yaml"
    path.write_text("a: 1", encoding="utf-8")

    def deny(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", deny)
    with pytest.raises(FileError, match="cannot be read; you lack the permission"):
        read_file(path)
