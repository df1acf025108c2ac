"""Value of the Trans-Caspian Oil Pipeline: at which size, and above what closure probability, does it pay?

Two ways to dispatch it. *Sunk*: its capital is spent, and crude takes it wherever its running cost is lower. *Toll*:
shippers pay its annuity per tonne, as an owner who must recover it would ask; it then runs empty in a normal year, as
insurance. The two give very different answers, and reality lies between them.
"""

import textwrap

import pandas as pd

import routeopt as ro

kz = ro.load("kazakhstan")

# Inputs that are not in the data are assumed here, with a range, and shown in the table of inputs.
ASSUMED = {
    "P(cpc-closed)": ({"value": "2.2 %", "low": 0.5, "high": 10.0},
                      "8.2 days of full closure per year on record (seeds/README.md, claim 6); range: a judgement"),
    "P(russia)": ({"value": "0.5 %", "low": 0.0, "high": 5.0}, "a judgement; it has not happened"),
    "ten tankers, capex": ({"value": "300e6 USD", "low": 0.0, "high": 500e6},
                           "30 million USD per ship; 0 if the freight rate in the data already covers ships"),
    "ten tankers, discount": ({"value": "10 %", "low": 7.0, "high": 14.0}, "as TCOP"),
    "ten tankers, life": ({"value": "20 y", "low": 15.0, "high": 25.0}, "usual for tankers"),
}  # fmt: skip
CHANCES = {"cpc-closed": ASSUMED["P(cpc-closed)"][0], "russia": ASSUMED["P(russia)"][0]}


def written(name):
    number, why = ASSUMED[name]
    return {**number, "estimate": why}


fleet = kz.legs["aktau-baku-new"].nominal * 365 / 1000  # vessels x cargo x (1 - downtime) / round trip, Mt/y
BARGES = {"leg": "aktau-baku-new", "sizes": [f"{fleet:.3f} Mt/y"], "capex": [written("ten tankers, capex")],
          "discount_rate": written("ten tankers, discount"), "lifetime": written("ten tankers, life")}  # fmt: skip
SMALL, LINE = kz.legs["tcop"].build.sizes[:2]  # half of the official target, and all of it
TCOP = {"tcop": str(LINE)}
TAIL = ro.CVaR(0.95, weight=0.5)
worst = f"worst {1 - TAIL.level:.0%}"
million = 1e6

print("Inputs: the most influential numbers of the data, and assumptions of this example")
audit = kz.sources()
rows = [
    name for name in audit.index if name.startswith(("legs.tcop.", "legs.btc.", "price", "legs.tengiz-kuryk.tariff"))
]
rows = [name for name in rows if not any(word in name for word in ("outages", "transit", "lead_time"))]
shown = audit.loc[rows, ["value", "unit", "low", "high", "provenance", "source", "note"]].copy()
for name, (number, why) in ASSUMED.items():
    value, unit = str(number["value"]).split(" ", 1)
    shown.loc[name] = [float(value), unit, number["low"], number["high"], "assumption", "", why]
shown["note"] = shown["note"].str.slice(0, 60)
with pd.option_context("display.width", 220, "display.max_colwidth", 60):
    print(shown.to_string(na_rep="", float_format=lambda number: f"{number:g}"))

sunk = ro.expand(kz, ["tcop", BARGES], CHANCES)
toll = ro.expand(kz, ["tcop", BARGES], CHANCES, annuity_as_toll=True)
for word, plan in (("Sunk", sunk), ("Toll", toll)):
    print(f"\n{word}. {plan}")

print("\nBreak-even probability of a closure of CPC, if nothing else can happen")
alone = {
    word: ro.expand(kz, "tcop", {"cpc-closed": CHANCES["cpc-closed"]}, annuity_as_toll=word == "toll")
    for word in ("sunk", "toll")
}
even = {word: plan.break_even["break_even"].droplevel("scenario") for word, plan in alone.items()}
print(pd.DataFrame(even).map("{:.2%}".format).to_string())

averse = ro.expand(kz, ["tcop", BARGES], CHANCES, annuity_as_toll=True, risk=TAIL)
print(f"\nExpected cost against the mean of the {worst}, million USD/y, as the weight of the tail grows (toll):")
frontier = averse.frontier
print(frontier.assign(total=frontier["total"] / million, cvar=frontier["cvar"] / million).round(2).to_string())

print(f"\nUtilisation of a pipeline of {LINE}, and required tariffs. Flows in {sunk.flow_unit}, tariffs in USD/t")
for word, plan in alone.items():
    print(f"{word}:")
    print(plan.utilisation(TCOP).round(3).to_string())
    print(
        plan.required_tariffs(TCOP)[["full_utilisation", "expected_case", "base_case", "per_incremental_export"]]
        .round(1)
        .to_string()
    )

print(f"\nInputs that change the value of {LINE} (toll): net benefit in million USD/y, break-even probability")
tornado = alone["toll"].tornado(TCOP)
top = tornado.head(8).copy()
top[["low", "value", "high"]] = top[["low", "value", "high"]].map("{:g}".format)
top[["net_benefit_low", "net_benefit_high"]] = (top[["net_benefit_low", "net_benefit_high"]] / million).map(
    "{:,.0f}".format
)
top[["break_even_low", "break_even_high"]] = top[["break_even_low", "break_even_high"]].map("{:.1%}".format)
print(top.drop(columns="swing").to_string())
drawn = {word: plan.ranges(60, TCOP) for word, plan in alone.items()}

outages = {
    word: ro.expand(kz, "tcop", outages=True, draws=1000, annuity_as_toll=word == "toll") for word in ("sunk", "toll")
}
chance = {word: plan.table["net_benefit"] / million for word, plan in outages.items()}
lost = outages["toll"].table["expected_loss"]
print("\nOutages alone, at the rates and repair times of the data: net benefit in million USD/y")
print(pd.DataFrame(chance).round(0).to_string())

# Findings: nothing below is typed in.
SIZE = f"tcop {LINE}"


def span(word):
    """Break-even probability in 90% of the draws; one where it never pays."""
    low, high = (drawn[word]["break_even"].fillna(1.0).quantile(q) for q in (0.05, 0.95))
    return f"{low:.1%} to {high:.1%} over the ranges of the data, 90% of the draws"


def named(plan):
    return ", ".join(f"{leg} {size}" for leg, size in plan.build.items()) or "nothing"


share = {word: f"{(found['net_benefit'] > 0).mean():.0%}" for word, found in drawn.items()}
tariff = alone["toll"].required_tariffs(TCOP).loc["tcop"]
use = {word: plan.utilisation(TCOP).loc[("tcop", "base"), "utilisation"] for word, plan in alone.items()}
turning = list(tornado.index[tornado["turns"]])
findings = [
    f"As insurance (toll), a pipeline of {LINE} pays above a probability of {even['toll'][SIZE]:.1%} of a year without",
    f"CPC ({span('toll')}); one of {SMALL} above {even['toll'][f'tcop {SMALL}']:.1%}.",
    f"With sunk capital it pays above {even['sunk'][SIZE]:.1%}",
    f"({span('sunk')}), but is then {use['sunk']:.0%} full in a normal year with barrels that are rerouted, not",
    f"gained; as insurance it is {use['toll']:.0%} full.",
    f"At the {CHANCES['cpc-closed']['value']} on record it pays in {share['toll']} of the draws as insurance and in",
    f"{share['sunk']} if sunk. With both scenarios as assumed the cheapest choice is {named(toll)} (toll) or",
    f"{named(sunk)} (sunk); with a weight of {TAIL.weight:g} on the {worst} it is {named(averse)} (toll).",
    f"To recover its capital, it needs a tariff of {tariff['full_utilisation']:.0f} USD/t at full utilisation but",
    f"{tariff['expected_case']:,.0f} USD/t at the expected utilisation.",
    f"One tonne of incremental exports costs {tariff['per_incremental_export']:,.0f} USD of capital.",
    f"Against outages alone, at the rates of the data, its net benefit is {chance['toll'][SIZE]:+,.0f} million USD/y",
    f"as insurance and {chance['sunk'][SIZE]:+,.0f} if sunk; the expected loss falls from {lost.iloc[0]:.1f} to",
    f"{lost[SIZE]:.1f} {sunk.flow_unit}.",
    "Those rates count lost moorings and stations, the record of full closures above does not;",
    "and random snapshots include neither tanks, which absorb the first days, nor the slow surge of other routes.",
    f"Inputs that alone reverse the verdict at an end of their range (toll): {', '.join(turning) or 'none'}.",
    "Limits: shut-in crude is not lost forever, and a discount rate with a premium for this risk counts it twice.",
]
print("\n" + textwrap.fill("Findings. " + " ".join(findings), 110))
