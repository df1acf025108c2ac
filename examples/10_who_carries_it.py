"""Who carries Kazakhstan's exports: routes, countries and fields by Shapley value, and what each size of TCOP brings.

Losing one at a time counts what others can take over as worth nothing, and what several are needed for more than
once. The Shapley value is what each adds on average over all orders in which they could open: an attribution, not a
forecast of what anyone could bargain for.
"""

import functools

import routeopt as ro

kz = ro.load("kazakhstan")

found = {}
for over in ("route", "country", "field"):
    volume, netback = ro.shapley(kz, over), ro.shapley(kz, over, measure="netback")
    found[over] = volume
    table = volume.table[["shapley", "share", "leave_one_out"]]
    table = table.join((netback.table[["shapley", "leave_one_out"]] / 1e9).add_suffix(" bn"))
    print(f"By {over}, volume in {volume.unit}, netback in bn {netback.unit} ({volume.solved} coalitions, all solved)")
    print(table.to_string(float_format=lambda value: f"{value:,.2f}"))
    print(f"In volume, {volume.sentence}.")
    print(f"In netback, {netback.sentence}.\n")

curve = ro.capacity_curve(kz, "tcop", "cpc-closed", measure="netback")
print(curve)

# Do the rankings depend on the data? Every number that has a range is drawn from it, and the values found again.
DRAWS = 40


@functools.lru_cache(maxsize=1)
def again(system):
    """Values of a drawn system, kept for all conclusions about it."""
    return {over: ro.shapley(system, over) for over in ("route", "country")}


def same_order(plan, over, count=None):
    """Whether the first players are the first in the drawn data too, in the same order."""
    return list(again(plan.system)[over].table.index[:count]) == list(found[over].table.index[:count])


def stand_in(plan, over):
    """Whether losing one at a time adds up to less than there is."""
    other = again(plan.system)[over]
    return bool(other.table["leave_one_out"].sum() < other.total * (1 - 1e-6))


def largest_is_too_large(plan):
    """Whether TCOP at the largest size studied has more than exports need with CPC shut."""
    other = ro.capacity_curve(plan.system, "tcop", "cpc-closed")
    return bool(other.saturation < other.marks["capacity"].max() * (1 - 1e-6))


route, country, field = (found[over].table for over in ("route", "country", "field"))
first, second = route.index[:2]
conclusions = {
    f"{first} before {second} before all other routes": lambda plan: same_order(plan, "route", 2),
    "all routes in this order": lambda plan: same_order(plan, "route"),
    f"{country.index[0]} before all other countries": lambda plan: same_order(plan, "country", 1),
    "routes stand in for one another": lambda plan: stand_in(plan, "route"),
    "TCOP saves nothing more at its largest size": largest_is_too_large,
}
held = ro.sensitivity(kz, draws=DRAWS, seed=10, conclusions=conclusions)
told = held.conclusions
print(
    f"\nWith {len(held.inputs_table)} numbers drawn from their ranges {DRAWS} times, share of draws and 95 % interval:"
)
for name, row in told.iterrows():
    print(f"  {name}: {row['share']:.0%} ({row['low']:.0%} to {row['high']:.0%})")

total, unit = found["route"].total, found["route"].unit
idle = [name for name, row in route.iterrows() if row["leave_one_out"] < 0.01 * total and row["shapley"] > 0]
together = float(route.loc[idle, "shapley"].sum())
marks, saturation = curve.marks, curve.saturation
steep, gained = curve.table.iloc[0], float(curve.table["gained"].max())
best = curve.table["extra_netback"].idxmax()
order = told.loc["all routes in this order"]
print(
    f"\nFindings. {first} carries {route['share'].iloc[0]:.0%} of what the routes bring by Shapley value and {second} "
    f"{route['share'].iloc[1]:.0%}; losing one at a time explains {route['leave_one_out'].sum():.1f} of {total:.1f} "
    f"{unit}, and calls {', '.join(idle) or 'no route'} worthless, to which {together:.1f} are due for what they do "
    f"when others are shut. By country {country.index[0]} has {country['share'].iloc[0]:.0%}. Fields "
    f"{'need' if field['leave_one_out'].sum() > total else 'stand in for'} one another: losing one at a time adds up "
    f"to {field['leave_one_out'].sum():.1f}, since refineries are served first. With CPC shut, TCOP saves "
    f"{steep['slope']:.2f} t a tonne up to {saturation:.1f} {unit} and nothing beyond: the largest size studied, "
    f"{marks.index[-1]}, exports no more than that, {gained:.1f} {unit} above none. Its netback before capital is "
    f"largest at {curve.table.loc[best, 'capacity']:.1f} {unit}. Range of the data: {first} stays before {second} and "
    f"the others in {told['share'].iloc[0]:.0%} of the draws, and TCOP's largest size saves nothing more in "
    f"{told['share'].iloc[-1]:.0%}; all routes keep their order in {order['share']:.0%}, so "
    + ("the order of the smaller ones is no finding." if order["low"] < 0.9 else "the whole order is a finding.")
)
