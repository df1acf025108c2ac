"""The script prints a verdict for each claim, the same for the same seed, and what README.md shows."""

import re
from pathlib import Path

import pytest

import routeopt as ro

SEEDS = Path(__file__).parents[2] / "seeds"


def test_prints_each_verdict(scripts, capsys):
    import check_claims

    check_claims.main(["--draws", "12", "--seed", "3"])
    printed = capsys.readouterr().out
    for part, word in re.findall(r"^  \[([\d.]+)\] ([A-Z ]+):", printed, re.MULTILINE):
        assert word in ("HOLDS", "FAILS", "NOT TESTABLE"), part
    heads = re.findall(r"^(\d)\. ", printed, re.MULTILINE)
    assert heads == list("123456")
    assert len(re.findall(r"^  \[", printed, re.MULTILINE)) == 9
    assert printed.count("Test: ") == 9
    assert printed.count("Where it breaks: ") == 9
    assert "12 draws, seed 3." in printed
    assert max(map(len, printed.split("\n| claim")[0].splitlines())) <= 120
    assert not re.search(r"\bnan\b|\binf\b|-0\.0\b|\bNone\b(?!:)", printed)


def test_same_seed_same_text(scripts, case):
    import check_claims

    assert check_claims.drawn(case, 12, 3) == check_claims.drawn(case, 12, 3)
    assert check_claims.drawn(case, 12, 3) != check_claims.drawn(case, 12, 4)


def test_same_data_same_verdicts(scripts, case, verdicts):
    import check_claims

    assert check_claims.judge(check_claims.open_case()) == list(verdicts.values())


def test_a_share_for_every_part_and_every_threshold(scripts, case):
    from questions import conclusions

    wanted = {"3.2", "3.3", "5.1", "6 nobody uses TCOP in a normal year"}
    for part in ("1", "3.1", "4", "5.2"):
        wanted |= {f"{part} at {value:g}" for value in (case.threshold(part), *case.others(part))}
    assert set(conclusions(case)) == wanted


def test_conclusions_agree_with_verdicts(scripts, case, verdicts):
    """What is asked of each draw says at the values of the data what the verdict says."""
    from questions import conclusions

    asked = conclusions(case)
    for part, verdict in verdicts.items():
        name = part if part in asked else f"{part} at {case.threshold(part):g}" if part not in "26" else None
        if name:
            assert asked[name](case.plans) == (verdict.verdict == "holds"), part


def test_conclusions_read_each_draw_anew(scripts, case):
    """What is kept of one draw is not used for the next."""
    from questions import SCENARIOS, conclusions

    asked = conclusions(case)["1 at 50"]
    assert asked(case.plans)
    half = case.kz.override({"legs.cpc-kz.capacity": "10 Mt/y"})
    assert not asked({name or "base": ro.allocate(half, name) for name in SCENARIOS})
    assert asked(case.plans)


def test_text_of_a_share(scripts):
    from check_claims import share_text

    row = {"share": 0.5, "standard_error": 0.05, "low": 0.4, "high": 0.6}
    assert share_text(row) == "50 % (± 5)"
    assert share_text({**row, "share": 0.9967, "standard_error": 0.0033}) == "99.7 % (± 0.3)"
    assert share_text({**row, "share": 1.0, "low": 0.9876}) == "100 % (at least 98.8)"
    assert share_text({**row, "share": 0.0, "high": 0.0124}) == "0 % (at most 1.2)"


def test_readme_shows_what_the_script_prints(scripts, case, verdicts):
    import check_claims

    table = check_claims.table_of(case, list(verdicts.values()), check_claims.drawn(case))
    text = (SEEDS / "README.md").read_text(encoding="utf-8")
    assert f"<!-- verdicts -->\n{table}\n<!-- end -->" in text


def test_readme_tells_in_words_what_is_so(scripts, case, verdicts):
    """The sentences under the table, which are typed."""
    import breaks
    from questions import conclusions

    text = " ".join((SEEDS / "README.md").read_text(encoding="utf-8").split())
    says = {name: test(case.plans) for name, test in conclusions(case).items()}
    assert "claim 1 turns between 80 and 90 per cent" in text
    assert (says["1 at 80"], says["1 at 90"]) == (True, False)
    assert "claim 5 between a TCOP of 25 and one of 30 Mt/y" in text
    assert (says["5.2 at 25"], says["5.2 at 30"]) == (True, False)
    assert "claim 4 only below a tenth of CPC" in text
    assert (says["4 at 5"], says["4 at 10"]) == (False, True)
    assert "by a margin smaller than what one ship carries" in text
    assert float(re.search(r"([\d.]+) of a tanker", verdicts["3.3"].breaks)[1]) < 1
    assert "tankers, rail, berths and the line from Baku's port, in the order" in text
    order = [name for step in breaks.chain_to_baku(case.kz, "cpc-closed") for name in step.limits]
    assert order == ["aktau-baku", "aktau-rail", "aktau-berths", "baku-sangachal", "btc"]
    assert "Before barges could carry half of CPC's volume, BTC would be full" in text
    assert int(re.search(r"BTC is full at (\d+) %", verdicts["4"].breaks)[1]) < 50


def test_writes_the_table(scripts, tmp_path):
    from check_claims import write

    page = tmp_path / "page.md"
    page.write_text("above\n<!-- verdicts -->\nold\n<!-- end -->\nbelow\n", encoding="utf-8")
    write("| new \\1 |", page)
    assert page.read_text(encoding="utf-8") == "above\n<!-- verdicts -->\n| new \\1 |\n<!-- end -->\nbelow\n"
    page.write_text("nothing here", encoding="utf-8")
    with pytest.raises(SystemExit, match="no place"):
        write("| new |", page)
