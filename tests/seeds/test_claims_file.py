"""claims.yaml says what it promises at its top, and rests on data that are there."""

import datetime as dt

PARTS = ["1", "2", "3.1", "3.2", "3.3", "4", "5.1", "5.2", "6"]


def parts(claims):
    return [part for claim in claims["claims"] for part in claim["parts"]]


def test_names_its_source(claims):
    assert set(claims) == {"seeds", "reference", "claims"}
    assert claims["seeds"] == 1
    assert set(claims["reference"]) == {"title", "publisher", "date"}
    assert dt.date.fromisoformat(claims["reference"]["date"]) == dt.date(2024, 12, 3)


def test_six_claims_in_order(claims):
    assert [claim["id"] for claim in claims["claims"]] == [1, 2, 3, 4, 5, 6]
    assert [part["part"] for part in parts(claims)] == PARTS
    for claim in claims["claims"]:
        extra = {"window", "leave_out"} if claim["id"] == 2 else set()
        assert set(claim) == {"id", "claim", "parts", "rests_on", "cannot"} | extra
        assert claim["claim"].endswith(".")
        assert claim["cannot"]
        assert all(limit.strip() for limit in claim["cannot"])
        assert all(part["part"].split(".")[0] == str(claim["id"]) for part in claim["parts"])


def test_each_part_has_a_test_and_says_why_its_threshold_is_there(claims):
    for part in parts(claims):
        assert set(part) == {"part", "says", "test", "threshold"}
        assert len(part["test"]) > 40
        if part["threshold"] is None:
            assert "rank" in part["test"] or part["test"].startswith("None"), part["part"]
            continue
        assert set(part["threshold"]) == {"value", "unit", "why", "also"}
        assert len(part["threshold"]["why"]) > 30
        assert part["threshold"]["value"] not in part["threshold"]["also"]


def test_rests_on_numbers_and_scenarios_that_exist(claims, routes, scenarios):
    for claim in claims["claims"]:
        assert claim["rests_on"]
        for path in claim["rests_on"]:
            here = {"scenarios": scenarios, **routes}
            for key in path.split("."):
                assert key in here, (claim["id"], path)
                here = here[key]


def test_what_is_left_out_of_the_record_is_in_it(claims, scenarios):
    left_out = claims["claims"][1]["leave_out"]
    assert all(scenarios[name]["tags"] == ["event"] and reason for name, reason in left_out.items())


def test_thresholds_that_stand_in_scenarios_agree_with_them(claims, routes, scenarios):
    threshold = {part["part"]: part["threshold"] for part in parts(claims)}
    assert routes["legs"]["aktau-baku-new"]["fleet"]["vessels"]["value"] == threshold["5.1"]["value"]
    assert scenarios["cpc-closed-with-tankers"]["reopen"] == ["aktau-baku-new"]
    assert scenarios["tcop-20"]["build"]["tcop"] == f"{threshold['5.2']['value']} Mt/y"
    sizes = [size["value"] for size in routes["legs"]["tcop"]["build"]["sizes"]]
    assert sizes[-1] == scenarios["cpc-closed-with-tcop-40"]["build"]["tcop"]


def test_claims_quote_nothing(claims):
    """The claims are told in our words: nothing stands in quotation marks."""
    text = " ".join(claim["claim"] for claim in claims["claims"])
    assert '"' not in text
