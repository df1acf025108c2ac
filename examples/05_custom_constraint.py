"""Your own constraint: limit the share of exports that crosses Russia, and what that costs."""

import routeopt as ro

kz = ro.load("kazakhstan")
base = ro.allocate(kz)

# Each barrel counts once: on the metering leg of its route, if that route crosses Russia.
russian = sorted({"cpc", "atyrau-samara", "makhachkala"} & set(base.routes.index))
share = base.routes.loc[russian, "flow"].sum() / base.exported
print(f"Base year: {share:.0%} of exports cross Russia ({', '.join(russian)}).")

for limit in (0.9, 0.7, 0.5):

    def at_most(problem, variables, limit=limit):
        """PuLP's own objects, in the system's flow unit."""
        through_russia = sum(variables.route(name) for name in russian)
        problem += through_russia <= limit * variables.exported(), f"russia_at_most_{limit:.0%}"

    plan = ro.allocate(kz, constraints=at_most)
    with_tcop = ro.allocate(kz, build={"tcop": "30 Mt/y"}, constraints=at_most)
    print(
        f"At most {limit:.0%}: exports fall from {base.exported:.1f} to {plan.exported:.1f} {base.flow_unit}; "
        f"with a Trans-Caspian pipeline of 30 Mt/y, to {with_tcop.exported:.1f}. "
        f"Certified: {plan.certificate.valid and with_tcop.certificate.valid}."
    )
