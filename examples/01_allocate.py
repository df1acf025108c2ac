"""Allocation of the base year: which barrels take which route."""

import routeopt as ro

kz = ro.load("kazakhstan")
plan = ro.allocate(kz)

print(plan.summary())

routes = plan.routes.sort_values("flow", ascending=False)
first, second = routes.index[:2]
audit = kz.sources()
estimates = (audit["provenance"] == "estimate").mean()
russian = plan.legs[[("RU" in kz.legs[name].countries) for name in plan.legs.index]]
through_russia = {kz.metering_legs[name] for name in russian.index if name in kz.metering_legs}
share = plan.routes.loc[sorted(through_russia), "share"].sum()

print()
print(
    f"{routes.loc[first, 'title']} carries {routes.loc[first, 'share']:.0%} of exports, "
    f"{routes.loc[first, 'flow'] / routes.loc[second, 'flow']:.1f} times as much as {routes.loc[second, 'title']}, "
    "the second largest."
)
print(f"Routes metered in Russia ({', '.join(sorted(through_russia))}) carry {share:.0%}.")
print(f"{estimates:.0%} of the {len(audit)} numbers used are estimates; kz.sources() gives the reason for each.")
