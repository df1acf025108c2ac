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
SMALL, LINE = kz.legs["tcop"].build.sizes[:2]  # half of the official target, and all of it
TCOP = {"tcop": str(LINE)}
TAIL = ro.CVaR(0.95, weight=0.5)
worst = f"worst {1 - TAIL.level:.0%}"
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

print("\nFrom which probability of a closure of CPC on does it pay, if nothing else can happen?")
alone = {
    word: ro.expand(kz, "tcop", {"cpc-closed": CHANCES["cpc-closed"]}, toll=word == "toll") for word in ("sunk", "toll")
}
even = {word: plan.break_even["break_even"].droplevel("scenario") for word, plan in alone.items()}
print(pd.DataFrame(even).map("{:.2%}".format).to_string())

averse = ro.expand(kz, ["tcop", BARGES], CHANCES, toll=True, risk=TAIL)
print(f"\nExpected cost against the mean of the {worst}, million USD a year, as the weight of the tail grows (toll):")
frontier = averse.frontier
print(frontier.assign(total=frontier["total"] / million, cvar=frontier["cvar"] / million).round(2).to_string())

print(f"\nHow full is a line of {LINE}, and who pays for it? Flows in {sunk.flow_unit}, tariffs in USD/t")
for word, plan in alone.items():
    print(f"{word}:")
    print(plan.utilisation(TCOP).round(3).to_string())
    print(plan.tariffs(TCOP)[["at_full", "at_expected", "at_base", "per_gained"]].round(1).to_string())

print(f"\nWhat moves the value of {LINE} (toll)? Saved against nothing in million USD a year, break-even probability")
tornado = alone["toll"].tornado(TCOP)
top = tornado.head(8).copy()
top[["low", "value", "high"]] = top[["low", "value", "high"]].map("{:g}".format)
top[["saves_low", "saves_high"]] = (top[["saves_low", "saves_high"]] / million).map("{:,.0f}".format)
top[["break_even_low", "break_even_high"]] = top[["break_even_low", "break_even_high"]].map("{:.1%}".format)
print(top.drop(columns="swing").to_string())
drawn = {word: plan.ranges(60, TCOP) for word, plan in alone.items()}

outages = {word: ro.expand(kz, "tcop", outages=True, draws=1000, toll=word == "toll") for word in ("sunk", "toll")}
chance = {word: plan.table["saves"] / million for word, plan in outages.items()}
lost = outages["toll"].table["expected_loss"]
print("\nOutages alone, as the data have their rates and repairs: saved against nothing in million USD a year")
print(pd.DataFrame(chance).round(0).to_string())

# Findings: nothing below is typed in.
SIZE = f"tcop {LINE}"


def span(word):
    """Break-even probability in 90 % of the draws; where it never pays it counts as certainty."""
    low, high = (drawn[word]["break_even"].fillna(1.0).quantile(q) for q in (0.05, 0.95))
    return f"{low:.1%} to {high:.1%} over the ranges of the data, 90 % of the draws"


def named(plan):
    return ", ".join(f"{leg} {size}" for leg, size in plan.build.items()) or "nothing"


share = {word: f"{(found['saves'] > 0).mean():.0%}" for word, found in drawn.items()}
tariff = alone["toll"].tariffs(TCOP).loc["tcop"]
use = {word: plan.utilisation(TCOP).loc[("tcop", "base"), "utilisation"] for word, plan in alone.items()}
turning = list(tornado.index[tornado["turns"]])
findings = [
    f"As an insurance (toll) a line of {LINE} pays from {even['toll'][SIZE]:.1%} of a year without CPC",
    f"({span('toll')}); one of {SMALL} from {even['toll'][f'tcop {SMALL}']:.1%}.",
    f"If its capital is sunk and oil takes it wherever it is cheaper to run, from {even['sunk'][SIZE]:.1%}",
    f"({span('sunk')}); but then it is {use['sunk']:.0%} full in a normal year with barrels that are re-routed and not",
    f"gained, as an insurance {use['toll']:.0%}.",
    f"At the {CHANCES['cpc-closed']['value']} on record it pays in {share['toll']} of the draws as an insurance, in",
    f"{share['sunk']} if sunk. With both scenarios as assumed the cheapest choice is {named(toll)} (toll) or",
    f"{named(sunk)} (sunk); with a weight of {TAIL.weight:g} on the {worst} it is {named(averse)} (toll).",
    f"An owner who lives of tolls needs {tariff['at_full']:.0f} USD/t at full use but {tariff['at_expected']:,.0f} at",
    "the use to be expected: somebody else must pay for the empty pipe.",
    f"A tonne of exports gained costs {tariff['per_gained']:,.0f} USD of capital.",
    f"Against outages alone, at the rates of the data, it is worth {chance['toll'][SIZE]:+,.0f} million USD a year as",
    f"an insurance and {chance['sunk'][SIZE]:+,.0f} if sunk; the volume lost falls from {lost.iloc[0]:.1f} to",
    f"{lost[SIZE]:.1f} {sunk.flow_unit}.",
    "Those rates count lost moorings and stations, the record of full stops above does not;",
    "and random instants know neither tanks, which take the first days, nor how slowly other ways take more.",
    f"One number alone turns the verdict on the insurance at an end of its range: {', '.join(turning) or 'none'}.",
    "Not counted: oil shut in is not lost for ever, and a rate of interest that asks for this risk counts it twice.",
]
print("\n" + textwrap.fill("Findings. " + " ".join(findings), 110))
