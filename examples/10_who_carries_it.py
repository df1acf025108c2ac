"""Attribution of exports to routes, countries and fields by Shapley value, and the capacity curve of TCOP.

Closing one at a time counts as worthless what others can take over, and counts more than once what several are needed
for. The Shapley value is what each adds on average over all orders in which they could open: an attribution that does
not predict bargaining outcomes.
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
    print(f"In volume, {volume.headline}.")
    print(f"In netback, {netback.headline}.\n")

curve = ro.capacity_curve(kz, "tcop", "cpc-closed", measure="netback")
print(curve)

# Do the rankings depend on the data? Every number with a range is drawn from it, and the values are computed again.
DRAWS = 40


@functools.lru_cache(maxsize=1)
def again(system):
    """Values of a drawn system, kept for all conclusions about it."""
    return {over: ro.shapley(system, over) for over in ("route", "country")}


def same_order(plan, over, count=None):
    """Whether the first players are first in the drawn data too, in the same order."""
    return list(again(plan.system)[over].table.index[:count]) == list(found[over].table.index[:count])


def stand_in(plan, over):
    """Whether the losses of one at a time add up to less than the total."""
    other = again(plan.system)[over]
    return bool(other.table["leave_one_out"].sum() < other.total * (1 - 1e-6))


def largest_is_too_large(plan):
    """Whether the largest size of TCOP exceeds what exports need with CPC closed."""
    other = ro.capacity_curve(plan.system, "tcop", "cpc-closed")
    return bool(other.saturation < other.studied_sizes["capacity"].max() * (1 - 1e-6))


route, country, field = (found[over].table for over in ("route", "country", "field"))
first, second = route.index[:2]
conclusions = {
    f"{first} before {second} before all other routes": lambda plan: same_order(plan, "route", 2),
    "all routes in this order": lambda plan: same_order(plan, "route"),
    f"{country.index[0]} before all other countries": lambda plan: same_order(plan, "country", 1),
    "routes substitute for one another": lambda plan: stand_in(plan, "route"),
    "the largest size of TCOP adds nothing": largest_is_too_large,
}
held = ro.sensitivity(kz, draws=DRAWS, seed=10, conclusions=conclusions)
told = held.conclusions
print(
    f"\nWith {len(held.inputs_table)} numbers drawn from their ranges {DRAWS} times, share of draws and 95% interval:"
)
for name, row in told.iterrows():
    print(f"  {name}: {row['share']:.0%} ({row['low']:.0%} to {row['high']:.0%})")

total, unit = found["route"].total, found["route"].unit
idle = [name for name, row in route.iterrows() if row["leave_one_out"] < 0.01 * total and row["shapley"] > 0]
together = float(route.loc[idle, "shapley"].sum())
marks, saturation = curve.studied_sizes, curve.saturation
steep, gained = curve.table.iloc[0], float(curve.table["incremental_exports"].max())
best = curve.table["incremental_netback"].idxmax()
order = told.loc["all routes in this order"]
print(
    f"\nFindings. By Shapley value {first} contributes {route['share'].iloc[0]:.0%} of exports and {second} "
    f"{route['share'].iloc[1]:.0%}. Closing one at a time explains {route['leave_one_out'].sum():.1f} of {total:.1f} "
    f"{unit} and counts {', '.join(idle) or 'no route'} as worthless, although {together:.1f} are due to them when "
    f"others are closed. By country, {country.index[0]} has {country['share'].iloc[0]:.0%}. Fields "
    f"{'complement' if field['leave_one_out'].sum() > total else 'substitute for'} one another: closing one at a time "
    f"adds up to {field['leave_one_out'].sum():.1f}, because refineries are served first. With CPC closed, TCOP adds "
    f"{steep['slope']:.2f} t of exports per tonne of capacity up to {saturation:.1f} {unit} and nothing beyond; the "
    f"largest size studied, {marks.index[-1]}, adds {gained:.1f} {unit}. Its netback before capital is largest at "
    f"{curve.table.loc[best, 'capacity']:.1f} {unit}. Over the ranges of the data, {first} stays before {second} and "
    f"the others in {told['share'].iloc[0]:.0%} of the draws, and the largest size of TCOP adds nothing more in "
    f"{told['share'].iloc[-1]:.0%}; all routes keep their order in {order['share']:.0%}, so "
    + ("the order of the smaller ones is no finding." if order["low"] < 0.9 else "the whole order is a finding.")
)
