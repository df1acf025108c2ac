"""The numbers behind the verdicts, derived again by hand from the data as they are written."""

import itertools
import math
import re

import pytest

import routeopt as ro

VERDICTS = {
    "1": "holds",
    "2": "holds",
    "3.1": "fails",
    "3.2": "fails",
    "3.3": "holds",
    "4": "holds",
    "5.1": "holds",
    "5.2": "holds",
    "6": "not testable",
}


def number(written):
    """The number of '39 Mt/y', of a mapping with a value, or of a plain number."""
    written = written["value"] if isinstance(written, dict) else written
    return float(re.match(r"[-\d.e]+", str(written))[0])


def fleet(leg, vessels=None, cargo=None):
    """Vessels x cargo x (1 - downtime) / round trip, Mt/y."""
    f = leg["fleet"]
    ships = number(f["vessels"]) if vessels is None else vessels
    load = number(f["cargo"]) if cargo is None else cargo
    working = number(leg.get("availability", 100)) / 100
    return ships * load * (1 - number(f["downtime"]) / 100) / number(f["round_trip"]) * 365 / 1000 * working


@pytest.fixture(scope="module")
def hand(routes):
    """A normal year, and one without CPC, by hand."""
    nodes, legs, groups = routes["nodes"], routes["legs"], routes["groups"]
    keeps = 1 - number(nodes["tengiz"]["own_use"]) / 100
    field = {name: number(node["output"]) * keeps for name, node in nodes.items() if node["kind"] == "field"}
    refined = sum(number(node["demand"]) for node in nodes.values() if node["kind"] == "refinery")
    found = {
        "exported": sum(field.values()) - refined,
        "baku": fleet(legs["aktau-baku"]),
        "makhachkala": fleet(legs["aktau-makhachkala"]),
        "china": number(groups["china-quota"]["capacity"]),
        "samara-quota": number(groups["samara-quota"]["capacity"]),
        "berths": number(groups["aktau-berths"]["capacity"]),
        "tengiz": field["tengiz"],
        "kashagan": field["kashagan"],
    }
    # The big three less what Tengiz sends to Baku and Karachaganak has promised to Germany.
    big = sum(field[name] for name in ("tengiz", "kashagan", "karachaganak"))
    found["cpc"] = big - found["baku"] - number(routes["contracts"]["kpo-germany"]["volume"])
    others = ("cpc", "baku", "makhachkala", "china")
    found["atyrau-samara"] = found["exported"] - sum(found[name] for name in others)
    found["shut"] = sum(found[name] for name in ("samara-quota", "baku", "makhachkala", "china"))
    # BTC counts barrels. Kashagan has fewer of them in a tonne, so most tonnes fit when it goes first.
    btc = legs["btc"]
    barrels = 365 * (number(btc["capacity"]) - number(btc["reserved"]["azeri"]))
    per_tonne = {name: number(routes["commodities"][name]["barrels_per_tonne"]) for name in ("tengiz", "kashagan")}
    rest = barrels - found["kashagan"] * per_tonne["kashagan"]
    found["room"] = found["kashagan"] + rest / per_tonne["tengiz"]
    return found


def test_verdicts(verdicts):
    assert {part: verdict.verdict for part, verdict in verdicts.items()} == VERDICTS


def test_each_verdict_tells_its_numbers(verdicts):
    for verdict in verdicts.values():
        assert verdict.details
        for text in (verdict.because, verdict.breaks, *verdict.details):
            assert text
            assert not re.search(r"\bnan\b|\binf\b|-0\.0", text), text
        assert re.search(r"\d", verdict.breaks)


def test_cpc_share(case, hand, verdicts):
    from questions import cpc_share

    assert cpc_share(case.plans) == pytest.approx(hand["cpc"] / hand["exported"], rel=1e-9)
    away = hand["cpc"] - hand["exported"] / 2
    assert verdicts["1"].breaks == f"{away:.1f} Mt/y to other routes"
    names = ("cpc", "baku", "makhachkala", "china", "atyrau-samara")
    hhi = sum((hand[name] / hand["exported"]) ** 2 for name in names)
    assert f"HHI of the routes is {hhi:.2f}, as if there were {1 / hhi:.1f}" in verdicts["1"].details[1]
    # Half of exports less what the other ways take with CPC shut is what TCOP would have to carry.
    assert f"a TCOP of {hand['exported'] / 2 - hand['shut']:.1f} Mt/y" in verdicts["1"].details[2]


def test_what_a_year_without_cpc_loses(case, hand, verdicts):
    assert case.plans["base"].exported == pytest.approx(hand["exported"])
    assert case.plans["cpc-closed"].exported == pytest.approx(hand["shut"])
    text = f"{hand['cpc']:.1f} Mt/y look for another way and {hand['exported'] - hand['shut']:.1f} are lost"
    assert text in verdicts["3.1"].details[0]


def test_who_gains(case, hand):
    from questions import gains

    found = gains(case.plans)
    assert found["baku"] == pytest.approx(0, abs=1e-9)
    assert found["atyrau-samara"] == pytest.approx(hand["samara-quota"] - hand["atyrau-samara"])
    # Ten more tankers fill the berths; Makhachkala's give way, since Baku pays better.
    assert gains(case.plans, "cpc-closed-with-tankers")["baku"] == pytest.approx(hand["berths"] - hand["baku"])


def test_ways_around_russia(case, hand, verdicts):
    from questions import around_russia

    found = around_russia(case.plans)
    assert found["baku"] == pytest.approx(hand["baku"])
    assert found["china"] == pytest.approx(hand["china"])
    # What a closure of Russia leaves is just that.
    left = ro.allocate(case.kz, "russia").routes["flow"]
    assert {name for name, value in left.items() if value > 1e-9} == {name for name, v in found.items() if v > 1e-9}
    assert left.sum() == pytest.approx(sum(found.values()))
    assert verdicts["3.3"].breaks.startswith(f"{hand['baku'] - hand['china']:.2f} Mt/y less")


def test_ten_more_tankers(case, hand, routes, verdicts):
    from questions import barges_part

    part = (hand["berths"] - hand["baku"]) / hand["cpc"]
    assert barges_part(case.plans, "cpc-closed-with-tankers") == pytest.approx(part)
    assert verdicts["4"].because == f"{part * 100:.1f} % of CPC's volume"
    # With all berths the ships bind: those of today and ten more.
    most = min(
        hand["baku"] + fleet(routes["legs"]["aktau-baku-new"]), routes["groups"]["aktau-berths"]["capacity"]["high"]
    )
    assert f"{most:.2f}, {(most - hand['baku']) / hand['cpc'] * 100:.1f} % more" in verdicts["4"].details[0]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.25, 0.45, 0.5, 1.0])
def test_what_a_share_of_cpc_takes(scripts, case, hand, routes, share):
    from breaks import need_for

    need = need_for(case.kz, share, case.plans["base"], case.plans["cpc-closed"], hand["room"])
    new = routes["legs"]["aktau-baku-new"]
    extra = share * hand["cpc"]
    assert need.extra == pytest.approx(extra)
    assert need.small == pytest.approx(extra / fleet(new, vessels=1))
    assert need.large == pytest.approx(extra / fleet(new, vessels=1, cargo=new["fleet"]["cargo"]["high"]))
    total = extra + hand["baku"]
    assert need.berths == pytest.approx((total + hand["makhachkala"]) / hand["berths"])
    assert need.rail == pytest.approx(total / number(routes["groups"]["aktau-rail"]["capacity"]))
    assert need.line == pytest.approx(total / number(routes["legs"]["baku-sangachal"]["capacity"]))
    assert need.btc == pytest.approx(total / hand["room"])
    # The model agrees: with just that, exports grow by all of it, until BTC is full.
    assert need.gained == pytest.approx(min(extra, hand["room"] - hand["baku"]), abs=1e-6)


def test_one_tanker_less_is_too_few(case, hand):
    """The number of tankers is the least that does it."""
    from breaks import need_for

    need = need_for(case.kz, 0.1, case.plans["base"], case.plans["cpc-closed"], hand["room"])
    changes = {
        "groups.aktau-berths": None,
        "groups.aktau-rail": None,
        "legs.aktau-makhachkala.commodities": ["kto"],
    }
    gained = []
    for ships in (math.floor(need.small), math.ceil(need.small)):
        system = case.kz.override({**changes, "legs.aktau-baku-new.fleet.vessels": ships})
        plan = ro.allocate(system, {"extends": "cpc-closed", "reopen": ["aktau-baku-new"]})
        gained.append(plan.exported - hand["shut"])
    assert gained[0] < need.extra < gained[1]


def test_limits_one_after_the_other(case, hand, routes):
    from breaks import chain_to_baku

    steps = chain_to_baku(case.kz, "cpc-closed")
    assert [step.limits for step in steps] == [
        ("aktau-baku",),
        ("aktau-rail",),
        ("aktau-berths",),
        ("baku-sangachal",),
        ("btc",),
        (),
    ]
    at = [
        hand["baku"],
        number(routes["groups"]["aktau-rail"]["capacity"]),
        hand["berths"],
        number(routes["legs"]["baku-sangachal"]["capacity"]),
        hand["room"],
        hand["tengiz"] + hand["kashagan"],
    ]
    assert [step.baku for step in steps] == pytest.approx(at)
    assert all(before.exported < after.exported for before, after in itertools.pairwise(steps))


@pytest.mark.parametrize(
    ("change", "barges"),
    [
        ({}, lambda hand: hand["baku"]),
        ({"closures": [{"route": "baku"}]}, lambda hand: 0.0),
        # Aktau's berths are shared with Makhachkala, which keeps its own when TCOP is there.
        ({"reopen": ["aktau-baku-new"]}, lambda hand: hand["berths"] - hand["makhachkala"]),
        ({"reopen": ["baku-supsa"]}, lambda hand: hand["baku"] - 5.0),
    ],
    ids=["today", "no barges", "ten more", "baku-supsa"],
)
def test_size_that_fills_btc(scripts, case, hand, change, barges):
    from breaks import size_that_fills

    corners = size_that_fills(case.kz, {"extends": "cpc-closed", **change}, 10.0, 40.0)
    assert len(corners) == 3
    size, exported = corners[1]
    assert size == pytest.approx(hand["room"] - barges(hand), abs=1e-6)
    # Up to it every tonne of pipe is a tonne more, and beyond it none.
    assert exported - corners[0][1] == pytest.approx(size - 10.0)
    assert corners[2][1] == pytest.approx(exported)


def test_room_in_btc(case, hand, routes, verdicts):
    from questions import btc_room, btc_takes

    assert btc_room(case.plans) == pytest.approx(hand["room"])
    corner = hand["room"] - hand["baku"]
    for size in (10, 20, 25, corner - 0.01, corner + 0.01, 30, 40):
        assert btc_takes(case.plans, size) == (size < corner)
    assert verdicts["5.2"].breaks == f"TCOP of {corner:.1f} Mt/y ({hand['room']:.1f} without barges)"
    assert f"{hand['berths']:.1f} of {hand['room']:.1f}" in verdicts["5.1"].because


def test_a_size_that_btc_takes_leaves_it_room(case):
    """The short cut for many sizes says what the allocation with that size says."""
    from questions import btc_takes

    for size in (10, 20, 25, 29, 30):
        plan = ro.allocate(case.kz, "cpc-closed", build={"tcop": f"{size} Mt/y"})
        assert (plan.legs["utilisation"]["btc"] < 1 - 1e-6) == btc_takes(case.plans, size)


def test_money_of_tcop(case, routes, verdicts):
    build, legs = routes["legs"]["tcop"]["build"], routes["legs"]

    def annuity(capex, rate, years):
        return capex * rate * (1 + rate) ** years / ((1 + rate) ** years - 1)

    capex, rate, life = build["capex"][1], build["discount_rate"], build["lifetime"]
    middle = annuity(number(capex), number(rate) / 100, number(life))
    low = annuity(number(capex["low"]), rate["low"] / 100, life["high"])
    high = annuity(number(capex["high"]), rate["high"] / 100, life["low"])
    # A tonne of Tengiz that TCOP saves: price and differential, less the way.
    barrels = number(routes["commodities"]["btc-tengiz"]["barrels_per_tonne"])
    premium = number(routes["nodes"]["augusta"]["differential"]["btc-tengiz"])
    way = sum(number(legs[name]["tariff"]) for name in ("tengiz-kuryk", "tcop", "btc", "ceyhan-augusta"))
    worth = {
        p: (price + premium) * barrels - way for p, price in zip("mlh", (number(routes["price"]), 55, 85), strict=True)
    }
    days = [cost / (20e6 * each) * 365 for cost, each in ((middle, worth["m"]), (low, worth["h"]), (high, worth["l"]))]
    shown = re.findall(r"[\d.]+", verdicts["6"].breaks)
    assert shown[:3] == [f"{value:.0f}" for value in days]
    assert f"{middle / 1e6:.0f} million USD per year ({low / 1e6:.0f} to {high / 1e6:.0f})" in verdicts["6"].details[3]
    # How much dearer than CPC it is for Tengiz crude, capital at full use included.
    names = ("tengiz-cpc", "cpc-kz", "cpc-ru", "novorossiysk-augusta")
    by_cpc = sum(number(legs[name]["tariff"]) for name in names)
    other = number(routes["nodes"]["augusta"]["differential"]["tengiz"])
    dearer = way + middle / 20e6 - by_cpc - (premium - other) * barrels
    assert f"{dearer:.1f} USD/t cheaper" in verdicts["6"].details[1]
