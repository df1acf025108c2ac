"""Put the claims of `claims.yaml` to the model, and print what comes of it.

``python seeds/check_claims.py`` prints every verdict with its numbers, the share of draws from the ranges of the data
in which it is true, and where it breaks. ``--draws 100`` draws fewer, ``--seed 2`` others, ``--table`` prints the
table alone, ``--write`` puts the table into README.md.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from questions import SCENARIOS, Case, conclusions
from verdicts import VERDICTS, Verdict

import routeopt as ro

HERE = Path(__file__).parent
DRAWS, SEED = 300, 1
PLACE = re.compile(r"(<!-- verdicts -->\n).*?(\n<!-- end -->)", re.DOTALL)


def read_claims() -> list[dict[str, Any]]:
    """The claims as written."""
    claims: list[dict[str, Any]] = yaml.safe_load((HERE / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    return claims


def open_case() -> Case:
    """The claims and the shipped system."""
    return Case(ro.load("kazakhstan"), read_claims())


def judge(case: Case) -> list[Verdict]:
    """A verdict for each part of each claim."""
    return [verdict for claim in VERDICTS for verdict in claim(case)]


def drawn(case: Case, draws: int = DRAWS, seed: int = SEED) -> dict[str, str]:
    """In what share of draws each conclusion is true, as text by its name."""
    found = ro.sensitivity(case.kz, SCENARIOS, draws=draws, seed=seed, conclusions=conclusions(case)).conclusions
    return {str(name): share_text(found.loc[name]) for name in found.index}


def share_text(row: Mapping[str, float]) -> str:
    """A share with its standard error; none or all with what the number of draws can tell."""
    share, error = row["share"], row["standard_error"]
    if share >= 1:
        return f"100 % (at least {row['low'] * 100:.1f})"
    if share <= 0:
        return f"0 % (at most {row['high'] * 100:.1f})"
    digits = 0 if error >= 0.01 else 1
    return f"{share * 100:.{digits}f} % (± {error * 100:.{digits}f})"


def main_share(case: Case, part: str, shares: Mapping[str, str]) -> str:
    """The share of a part at its own threshold."""
    return shares[part] if part in shares else shares[f"{part} at {case.threshold(part):g}"]


def table_of(case: Case, verdicts: list[Verdict], shares: Mapping[str, str]) -> str:
    """Verdicts as a table in Markdown."""
    rows = [["claim", "verdict", "what decides", "true in draws", "where it breaks"], ["---"] * 5]
    for verdict in verdicts:
        says = case.parts[verdict.part]["says"].rstrip(".")
        share = verdict.share or main_share(case, verdict.part, shares)
        rows.append([f"{verdict.part} {says}", verdict.verdict, verdict.because, share, verdict.breaks])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def report(case: Case, verdicts: list[Verdict], shares: Mapping[str, str]) -> str:
    """Everything in plain words."""
    of_part = {verdict.part: verdict for verdict in verdicts}
    lines = []
    for claim in case.claims.values():
        lines += ["", *_wrapped(f"{claim['id']}. {claim['claim']}", 0)]
        for part in claim["parts"]:
            lines += ["", *_one(part, of_part[part["part"]], shares)]
        lines += ["", *(line for limit in claim["cannot"] for line in _wrapped(f"Not reached: {limit}", 2))]
    return "\n".join(lines).strip()


def _one(part: Mapping[str, Any], verdict: Verdict, shares: Mapping[str, str]) -> list[str]:
    lines = _wrapped(f"[{verdict.part}] {verdict.verdict.upper()}: {part['says']}", 2)
    lines += _wrapped(f"Test: {part['test']}", 6)
    threshold = part["threshold"]
    if threshold:
        lines += _wrapped(f"Threshold (ours): {threshold['value']} {threshold['unit']}. {threshold['why']}", 6)
    for detail in verdict.details:
        lines += _wrapped(detail, 8 if detail.startswith(" ") else 6)
    told = []
    for name, text in shares.items():
        of, _, what = name.partition(" ")
        if of == verdict.part:
            unit = f" {threshold['unit']}" if threshold and what.startswith("at ") else ""
            told.append(f"{what}{unit}: {text}" if what else text)
    if told:
        lines += _wrapped(f"True in draws from the ranges of the data: {'; '.join(told)}.", 6)
    return lines + _wrapped(f"Where it breaks: {verdict.breaks}.", 6)


def _wrapped(text: str, indent: int) -> list[str]:
    text = " ".join(text.split()).replace(" %", "\N{NO-BREAK SPACE}%")
    hang = indent + 2 * text.startswith("- ")
    lines = textwrap.wrap(text, 118, initial_indent=" " * indent, subsequent_indent=" " * hang)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def write(table: str, page: Path = HERE / "README.md") -> None:
    """Put the table into the page."""
    text = page.read_text(encoding="utf-8")
    if not PLACE.search(text):
        raise SystemExit(f"{page.name} has no place for the table")
    page.write_text(PLACE.sub(lambda found: found[1] + table + found[2], text), encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Print the verdicts, or write the table into the page."""
    parser = argparse.ArgumentParser(description="Put the article's claims to the model.")
    parser.add_argument("--draws", type=int, default=DRAWS, help="draws from the ranges of the data")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--table", action="store_true", help="print the table alone")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    chosen = parser.parse_args(arguments)
    case = open_case()
    verdicts, shares = judge(case), drawn(case, chosen.draws, chosen.seed)
    table = table_of(case, verdicts, shares)
    if chosen.write:
        write(table)
        return
    if not chosen.table:
        print(report(case, verdicts, shares), end="\n\n")
        print(f"{chosen.draws} draws, seed {chosen.seed}.\n")
    print(table)


if __name__ == "__main__":
    main()
