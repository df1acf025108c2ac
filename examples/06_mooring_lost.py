"""A mooring lost for two months while another is in maintenance: November 2025 to January 2026, day by day.

The dates and causes of the event are in data/scenarios/kazakhstan.yaml; its effect on exports is not an input.
"""

import routeopt as ro

kz = ro.load("kazakhstan")
EVENT = "cpc-2025-11-spm2"

test = ro.stress_test(kz, [EVENT])  # a surprise: plans know only the ends announced so far
plan, row, unit = test[EVENT], test.table.loc[EVENT], test.amount_unit
print(test)

weeks = plan.periods.resample("7D").mean()
print(f"\nWeekly means, flows in {plan.flow_unit}, tanks in {unit}:")
shown = weeks["route"][["cpc", "atyrau-samara", "makhachkala", "baku", "china"]].join(weeks["terminal"][["cpc-tanks"]])
print(shown.round(2).to_string())

moved = test.routes.loc[EVENT, "change"]
gained = ", ".join(f"{name} {value:+.2f}" for name, value in moved[moved > 0.005].items()) or "no other route"
print(f"\nChange by route from a winter without the closure, {unit}: {gained}; CPC {moved['cpc']:+.2f}.")
print(
    f"{row['lost']:.2f} {unit} of {row['target']:.1f} are lost, {row['deferred']:.2f} deferred. If fields keep "
    f"producing, tanks are full {row['days_of_ullage']:.0f} days after the first closure. The worst day misses "
    f"{row['max_shortfall']:.0%} of the target; in total {row['equivalent_days_lost']:.1f} equivalent days of "
    f"{row['window']:.0f} "
    "are lost."
)

price = test.value_of_foresight.loc[EVENT]
print(
    f"With perfect foresight {price['perfect']:.2f} {unit} would be lost: the value of foresight is "
    f"{price['difference']:.2f}."
)

# How far does that depend on the capacity of one mooring? The data give a range.
mooring = kz.legs["cpc-loading"].components.parts["spm-1"].capacity
parts = ("spm-1", "spm-2", "spm-3")
for word, value in (("lowest", mooring.low), ("highest", mooring.high)):
    change = {f"legs.cpc-loading.components.{part}.capacity": f"{value:g} {mooring.unit}" for part in parts}
    other = ro.stress_test(kz.override(change), [EVENT]).table.loc[EVENT, "lost"]
    print(f"With the {word} capacity of a mooring, {value:g} {mooring.unit}, {other:.2f} {unit} are lost.")
