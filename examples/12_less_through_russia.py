"""What does it cost to take a share of the barrels off Russia, with the Trans-Caspian Oil Pipeline and without?

Up to a point barrels can go another way and none is lost: that costs tariffs. Beyond it exports themselves shrink, and
the cost is the revenue that is missed. A pipeline moves the point, for an annuity.
"""

import textwrap

import numpy as np
import pandas as pd

import routeopt as ro

kz = ro.load("kazakhstan")
base = ro.allocate(kz)
million = 1e6
CUTS = (0.05, 0.1, 0.2, 0.3, 0.4)
SIZES = ("10 Mt/y", "20 Mt/y", "30 Mt/y")

exposure = base.exposure_ranges("1 %").loc[("country", "RU")]
print(f"Today {exposure['low']:.0%} to {exposure['high']:.0%} of the exported barrels cross Russia "
      f"(within 1 % of transport cost: {exposure['near_low']:.0%} to {exposure['near_high']:.0%}).")  # fmt: skip

print("\nWithout losing a barrel: the frontier of lost netback against barrels through Russia")
for size in (None, *SIZES):
    changed = kz if size is None else kz.override({"legs": {"tcop": {"build": {"capex": None}}}})
    scenario = None if size is None else {"title": f"with TCOP of {size}", "build": {"tcop": size}}
    found = ro.alternatives(changed, scenario, slack="25 %", minimise={"country": "RU"})
    last = found.frontier.iloc[-1]
    print(f"  {size or 'nothing built':14} {found.sentence}; {last['share']:.0%} of exports are left, "
          f"for {last['netback_lost'] / million:,.0f} million USD a year")  # fmt: skip


# Each barrel is counted once: on the marker leg of its route, if that route crosses Russia on its way out.
russian = sorted({"cpc", "atyrau-samara", "makhachkala"} & set(base.routes.index))
today = base.routes.loc[russian, "flow"].sum()


def annuity(size, build):
    """Capital of TCOP a year: capex x r(1+r)^n / ((1+r)^n - 1), million USD."""
    sizes, costs = [s.inner for s in build.sizes], [c.inner / 1000 for c in build.capex]
    inner = dict(zip(map(str, build.sizes), sizes, strict=True))[size]
    return float(np.interp(inner, sizes, costs)) * build.recovery_factor()


def worth(system, size, cut):
    """Exports, and netback less the annuity in million USD a year, with so much less through Russia than today."""
    # Capital is sunk once the line stands: oil is not charged for it, and the annuity is paid in any case.
    record = system.legs["tcop"].build
    bare = system.override({"legs": {"tcop": {"build": {"capex": None}}}})

    def at_most(problem, variables):
        crossing = sum(variables.route(name) for name in russian)
        problem += crossing <= (1 - cut) * today, "through_russia"

    plan = ro.allocate(bare, build={"tcop": size} if size else {}, constraints=at_most)
    return plan.exported, plan.netback / million - (annuity(size, record) if size else 0.0)


def table(system):
    rows = {}
    for size in (None, *SIZES):
        for cut in (0.0, *CUTS):
            exported, netback = worth(system, size, cut)
            rows[size or "nothing", f"{cut:.0%}"] = exported, netback
    found = pd.DataFrame(rows, index=["exported", "netback"]).T.rename_axis(["built", "less"])
    reference = found.loc[("nothing", "0%")]
    return found.assign(lost=reference["exported"] - found["exported"], cost=reference["netback"] - found["netback"])


found = table(kz)
print(f"\nWith losses: cost against today in million USD a year, annuity included, exports lost in {base.flow_unit}")
shown = found[["cost", "lost"]].unstack("built")
order = ["nothing", *SIZES]
print(shown.reindex([f"{cut:.0%}" for cut in (0.0, *CUTS)]).reindex(columns=order, level=1).round(1).to_string())


def cheapest(found):
    """What is cheapest for each cut."""
    cost = found["cost"].unstack("built")
    return cost.idxmin(axis=1).reindex([f"{cut:.0%}" for cut in (0.0, *CUTS)])


# The same at the ends of the numbers that move it most: the price of oil, the capital, BTC's room and tariff.
capex = kz.legs["tcop"].build.capex


def other(word):
    return {"legs": {"tcop": {"build": {"capex": [f"{getattr(cost, word)} USD" for cost in capex]}}}}


price, room = kz.price, kz.legs["btc"].capacity
CASES = {
    "at the values": {},
    "capex low": other("low"),
    "capex high": other("high"),
    "price low": {"price": f"{price.low} {price.unit}"},
    "price high": {"price": f"{price.high} {price.unit}"},
    "BTC's room low": {"legs.btc.capacity": f"{room.low} {room.unit}"},
}
tables = {name: table(kz.override(change)) if change else found for name, change in CASES.items()}
best = pd.DataFrame({name: cheapest(one) for name, one in tables.items()})
print("\nCheapest way to have so much less through Russia, at the ends of the data")
print(best.to_string())

CHANCE = {"russia": {"value": "0.5 %", "low": 0.0, "high": 5.0}}  # a judgement: it has not happened
insured = {toll: ro.expand(kz, "tcop", CHANCE, toll=toll) for toll in (False, True)}
even = {toll: plan.break_even["break_even"].droplevel("scenario")[f"tcop {SIZES[1]}"] for toll, plan in insured.items()}

# Findings: nothing below is typed in.
free = ro.alternatives(kz, slack="25 %", minimise={"country": "RU"}).frontier
off = (1 - free["exposed"].iloc[-1] / free["exposed"].iloc[0]) if free["exposed"].iloc[0] else 0.0
cost, lost = found["cost"].unstack("built"), found["lost"].unstack("built")
deep, mild = f"{CUTS[2]:.0%}", f"{CUTS[0]:.0%}"
pays = {name: next((cut for cut in one.index if one[cut] != "nothing"), None) for name, one in best.items()}
span = {name: cut for name, cut in pays.items() if name != "at the values"}
earliest = min((cut for cut in span.values() if cut), key=lambda cut: float(cut[:-1]), default="none")
never = [name for name, cut in span.items() if cut is None]
lows = [one["cost"].unstack("built").loc[deep] for one in tables.values()]
bare_low, bare_high = min(one["nothing"] for one in lows), max(one["nothing"] for one in lows)
with_low, with_high = min(one[SIZES[1]] for one in lows), max(one[SIZES[1]] for one in lows)
findings = [
    f"As things stand {off:.1%} of the barrels through Russia can leave another way without a loss; what is taken off",
    f"beyond that is not exported: {mild} less costs {cost.loc[mild, 'nothing']:,.0f} million USD a year and",
    f"{lost.loc[mild, 'nothing']:.1f} Mt, {deep} less {cost.loc[deep, 'nothing']:,.0f} million",
    f"({bare_low:,.0f} to {bare_high:,.0f} at the ends of the data) and {lost.loc[deep, 'nothing']:.1f} Mt.",
    f"With a Trans-Caspian line of {SIZES[1]} the same {deep} costs {cost.loc[deep, SIZES[1]]:,.0f} million, its",
    f"annuity included ({with_low:,.0f} to {with_high:,.0f}), and {lost.loc[deep, SIZES[1]]:.1f} Mt.",
    f"Of the cuts that were tried building is cheaper from {pays['at the values'] or 'none'} on; at the ends of the",
    f"data from {earliest} at the earliest"
    + (f", and never with {', '.join(never)}." if never else ", and always from some cut."),
    f"As an insurance against a stop of all transit of Russia {SIZES[1]} pay from a probability of {even[False]:.1%} a",
    f"year if the capital is sunk and of {even[True]:.1%} if shippers pay for it by the tonne.",
    "A cut by choice is certain and a stop is not: the two must not be added up.",
]
print("\n" + textwrap.fill("Findings. " + " ".join(findings), 110))
