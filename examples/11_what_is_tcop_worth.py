"""What is the Trans-Caspian Oil Pipeline worth, at which size, and from which probability of a closure on does it pay?

Two ways to dispatch it. *Sunk*: once it stands its capital is spent, and oil takes it wherever it is cheaper to run.
*Toll*: shippers pay its annuity by the tonne, as they would to an owner who needs it back; then it stands empty in a
normal year and is an insurance. Between these two lies the truth, and they give very different answers.
"""

import textwrap

import pandas as pd

import routeopt as ro

kz = ro.load("kazakhstan")

# What is not in the data is assumed here, with a range, and shown in the table of inputs.
ASSUMED = {
    "P(cpc-closed)": ({"value": "2.2 %", "low": 0.5, "high": 10.0},
                      "8.2 days of full stop a year on record (seeds/README.md, claim 6); the range is a judgement"),
    "P(russia)": ({"value": "0.5 %", "low": 0.0, "high": 5.0}, "a judgement; it has not happened"),
    "ten tankers, capex": ({"value": "300e6 USD", "low": 0.0, "high": 500e6},
                           "30 million USD a ship; 0 if the freight in the data pays for ships already"),
    "ten tankers, discount": ({"value": "10 %", "low": 7.0, "high": 14.0}, "as TCOP"),
    "ten tankers, life": ({"value": "20 y", "low": 15.0, "high": 25.0}, "usual for tankers"),
}  # fmt: skip
CHANCES = {"cpc-closed": ASSUMED["P(cpc-closed)"][0], "russia": ASSUMED["P(russia)"][0]}


def written(name):
    number, why = ASSUMED[name]
    return {**number, "estimate": why}


fleet = kz.legs["aktau-baku-new"].nominal * 365 / 1000  # vessels x cargo x (1 - downtime) / round trip, Mt/y
BARGES = {"leg": "aktau-baku-new", "sizes": [f"{fleet:.3f} Mt/y"], "capex": [written("ten tankers, capex")],
          "discount": written("ten tankers, discount"), "life": written("ten tankers, life")}  # fmt: skip
TCOP = {"tcop": "20 Mt/y"}
million = 1e6

print("Inputs: numbers of the data that the answer rests on most, and assumptions of this example")
audit = kz.sources()
rows = [
    name for name in audit.index if name.startswith(("legs.tcop.", "legs.btc.", "price", "legs.tengiz-kuryk.tariff"))
]
rows = [name for name in rows if not any(word in name for word in ("outages", "transit", "lead_time"))]
shown = audit.loc[rows, ["value", "unit", "low", "high", "basis", "source", "note"]].copy()
for name, (number, why) in ASSUMED.items():
    value, unit = str(number["value"]).split(" ", 1)
    shown.loc[name] = [float(value), unit, number["low"], number["high"], "assumption", "", why]
shown["note"] = shown["note"].str.slice(0, 60)
with pd.option_context("display.width", 220, "display.max_colwidth", 60):
    print(shown.to_string(na_rep="", float_format=lambda number: f"{number:g}"))

sunk = ro.expand(kz, ["tcop", BARGES], CHANCES)
toll = ro.expand(kz, ["tcop", BARGES], CHANCES, toll=True)
for word, plan in (("Sunk", sunk), ("Toll", toll)):
    print(f"\n{word}. {plan}")

print("\nFrom which probability of a closure of CPC on does it pay (the other scenario as assumed)?")
alone = {
    word: ro.expand(kz, "tcop", {"cpc-closed": CHANCES["cpc-closed"]}, toll=word == "toll") for word in ("sunk", "toll")
}
even = {word: plan.break_even["break_even"].droplevel("scenario") for word, plan in alone.items()}
print(pd.DataFrame(even).map("{:.2%}".format).to_string())

averse = ro.expand(kz, ["tcop", BARGES], CHANCES, toll=True, risk=ro.CVaR(0.95, weight=0.5))
print("\nExpected cost against the mean of the worst 5 %, million USD a year, as the weight of the tail grows (toll):")
frontier = averse.frontier
print(frontier.assign(total=frontier["total"] / million, cvar=frontier["cvar"] / million).round(2).to_string())

print("\nHow full is a line of 20 Mt/y, and who pays for it? Flows in Mt/y, tariffs in USD/t")
for word, plan in alone.items():
    print(f"{word}:")
    print(plan.utilisation(TCOP).round(3).to_string())
    print(plan.tariffs(TCOP)[["at_full", "at_expected", "at_base", "per_gained"]].round(1).to_string())

print("\nWhat moves the value of 20 Mt/y (toll)? Saved against nothing in million USD a year, break-even probability")
tornado = alone["toll"].tornado(TCOP)
top = tornado.head(8)[
    ["low", "value", "high", "unit", "saves_low", "saves_high", "break_even_low", "break_even_high", "turns"]
]
print(top.assign(saves_low=top["saves_low"] / million, saves_high=top["saves_high"] / million).round(4).to_string())
drawn = {word: plan.ranges(100, TCOP) for word, plan in alone.items()}

outages = ro.expand(kz, "tcop", outages=True, draws=1000)
chance = outages.table["saves"] / million
lost = outages.table["expected_loss"]

# Findings: nothing below is typed in.
low, high = (drawn["toll"]["break_even"].fillna(1.0).quantile(q) for q in (0.05, 0.95))
sunk_low, sunk_high = (drawn["sunk"]["break_even"].fillna(1.0).quantile(q) for q in (0.05, 0.95))
share = {word: (found["saves"] > 0).mean() for word, found in drawn.items()}
tariff = alone["toll"].tariffs(TCOP).loc["tcop"]
use = {word: plan.utilisation(TCOP).loc[("tcop", "base"), "utilisation"] for word, plan in alone.items()}
words = {word: ", ".join(f"{leg} {size}" for leg, size in plan.build.items()) or "nothing"
         for word, plan in (("sunk", sunk), ("toll", toll), ("averse", averse))}  # fmt: skip
turning = list(tornado.index[tornado["turns"]])
findings = (
    f"Findings. As an insurance (toll) a line of 20 Mt/y pays from {even['toll']['tcop 20 Mt/y']:.1%} of a year "
    f"without CPC, "
    f"10 Mt/y from {even['toll']['tcop 10 Mt/y']:.1%}; over the ranges of the data, all drawn at once, the first "
    f"lies between "
    f"{low:.1%} and {high:.1%} (90 % of the draws). If its capital is sunk and it takes oil wherever it is "
    f"cheaper to run, "
    f"it pays from {even['sunk']['tcop 20 Mt/y']:.1%} ({sunk_low:.1%} to {sunk_high:.1%}), but then "
    f"{use['sunk']:.0%} of it is "
    f"full in a normal year with barrels that are re-routed and not gained, against {use['toll']:.0%}. At the "
    f"probability "
    f"on record, {CHANCES['cpc-closed']['value']}, it pays in {share['toll']:.0%} of the draws as an insurance "
    f"and in {share['sunk']:.0%} "
    f"if sunk. With both scenarios as assumed the cheapest choice is {words['toll']} (toll) or {words['sunk']} "
    f"(sunk); half of the "
    f"weight on the worst 5 % makes it {words['averse']}. An owner who lives of tolls needs "
    f"{tariff['at_full']:.0f} USD/t at "
    f"full use but {tariff['at_expected']:.0f} at the use to be expected, so somebody else must pay for the "
    f"empty pipe; a tonne "
    f"of exports gained costs {tariff['per_gained']:.0f} USD of capital. Outages on record alone, without any "
    f"long closure, are "
    f"worth {chance.loc['tcop 20 Mt/y']:+,.0f} million USD a year to it with capital sunk (lost volume falls from "
    f"{lost.iloc[0]:.2f} to {lost.loc['tcop 20 Mt/y']:.2f} Mt/y). "
    f"One number alone turns the verdict at an end of its range: {', '.join(turning) or 'none'}. "
    "Not counted: oil shut in is not lost for ever, and a rate of interest that already asks for this risk "
    "counts it twice."
)
print("\n" + textwrap.fill(findings, 110))
