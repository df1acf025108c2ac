"""Cost of exporting less through Russia, with the Trans-Caspian Oil Pipeline and without.

Up to a point barrels can be rerouted without a loss, at higher tariffs. Beyond it exports shrink, and the cost is lost
revenue. A pipeline moves that point, for an annuity.
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

exposure = base.exposure_ranges("1%").loc[("country", "RU")]
print(f"Base year: {exposure['low']:.0%} to {exposure['high']:.0%} of the exported barrels cross Russia "
      f"(within 1% of transport cost: {exposure['near_low']:.0%} to {exposure['near_high']:.0%}).")  # fmt: skip

print("\nAt unchanged exports: the frontier of lost netback against barrels through Russia")
for size in (None, *SIZES):
    changed = kz if size is None else kz.override({"legs": {"tcop": {"build": {"capex": None}}}})
    scenario = None if size is None else {"title": f"with TCOP of {size}", "build": {"tcop": size}}
    found = ro.alternatives(changed, scenario, slack="25%", minimise={"country": "RU"})
    last = found.frontier.iloc[-1]
    print(f"  {size or 'nothing built':14} {found.headline}; {last['share']:.0%} of exports remain, "
          f"for {last['netback_lost'] / million:,.0f} million USD/y")  # fmt: skip


# Each barrel counts once: on the metering leg of its route, if that route crosses Russia on its way out.
russian = sorted({"cpc", "atyrau-samara", "makhachkala"} & set(base.routes.index))
today = base.routes.loc[russian, "flow"].sum()


def annuity(size, build):
    """Annuity of TCOP: capex x r(1+r)^n / ((1+r)^n - 1), million USD/y."""
    sizes, costs = [s.inner for s in build.sizes], [c.inner / 1000 for c in build.capex]
    inner = dict(zip(map(str, build.sizes), sizes, strict=True))[size]
    return float(np.interp(inner, sizes, costs)) * build.recovery_factor()


def worth(system, size, cut):
    """Exports, and netback less the annuity in million USD/y, with the flow through Russia cut by a share."""
    # Capital is sunk: crude is not charged for it, and the annuity is paid in any case.
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
print(f"\nWith losses: cost above the base year in million USD/y, annuity included; exports lost in {base.flow_unit}")
shown = found[["cost", "lost"]].unstack("built")
order = ["nothing", *SIZES]
print(shown.reindex([f"{cut:.0%}" for cut in (0.0, *CUTS)]).reindex(columns=order, level=1).round(1).to_string())


def cheapest(found):
    """The cheapest size for each cut."""
    cost = found["cost"].unstack("built")
    return cost.idxmin(axis=1).reindex([f"{cut:.0%}" for cut in (0.0, *CUTS)])


# The same at the ends of the most influential numbers: the oil price, the capital cost, BTC's spare capacity.
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
    "BTC capacity low": {"legs.btc.capacity": f"{room.low} {room.unit}"},
}
tables = {name: table(kz.override(change)) if change else found for name, change in CASES.items()}
best = pd.DataFrame({name: cheapest(one) for name, one in tables.items()})
print("\nCheapest size for each cut of the flow through Russia, at the ends of the data")
print(best.to_string())

CHANCE = {"russia": {"value": "0.5%", "low": 0.0, "high": 5.0}}  # a judgement: it has not happened
insured = {toll: ro.expand(kz, "tcop", CHANCE, annuity_as_toll=toll) for toll in (False, True)}
even = {toll: plan.break_even["break_even"].droplevel("scenario")[f"tcop {SIZES[1]}"] for toll, plan in insured.items()}

# Findings: nothing below is typed in.
free = ro.alternatives(kz, slack="25%", minimise={"country": "RU"}).frontier
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
    f"With existing routes, {off:.1%} of the barrels through Russia can be rerouted without a loss; cuts beyond that",
    f"reduce exports: {mild} less costs {cost.loc[mild, 'nothing']:,.0f} million USD/y and",
    f"{lost.loc[mild, 'nothing']:.1f} Mt, {deep} less {cost.loc[deep, 'nothing']:,.0f} million",
    f"({bare_low:,.0f} to {bare_high:,.0f} at the ends of the data) and {lost.loc[deep, 'nothing']:.1f} Mt.",
    f"With a Trans-Caspian pipeline of {SIZES[1]} the same {deep} costs {cost.loc[deep, SIZES[1]]:,.0f} million, its",
    f"annuity included ({with_low:,.0f} to {with_high:,.0f}), and {lost.loc[deep, SIZES[1]]:.1f} Mt.",
    f"Of the cuts tried, building is cheaper from {pays['at the values'] or 'none'}; at the ends of the",
    f"data from {earliest} at the earliest"
    + (f", and never with {', '.join(never)}." if never else ", and always from some cut."),
    f"As insurance against a stop of all transit through Russia, {SIZES[1]} pay above a probability of",
    f"{even[False]:.1%} per year if the capital is sunk and of {even[True]:.1%} if shippers pay for it per tonne.",
    "A chosen cut is certain and a stop is not: do not add the two.",
]
print("\n" + textwrap.fill("Findings. " + " ".join(findings), 110))
