"""A mooring is lost for two months while another is in maintenance: November 2025 to January 2026, day by day.

The dates and causes of the event are in data/scenarios/kazakhstan.yaml; what happened to exports is in no input.
"""

import routeopt as ro

kz = ro.load("kazakhstan")
EVENT = "cpc-2025-11-spm2"

test = ro.stress_test(kz, [EVENT])  # a surprise: what is known of its end is what was announced
plan, row, unit = test[EVENT], test.table.loc[EVENT], test.amount_unit
print(test)

weeks = plan.periods.resample("7D").mean()
print(f"\nMean of each week, flows in {plan.flow_unit}, tanks in {unit}:")
shown = weeks["route"][["cpc", "atyrau-samara", "makhachkala", "baku", "china"]].join(weeks["terminal"][["cpc-tanks"]])
print(shown.round(2).to_string())

moved = test.routes.loc[EVENT, "change"]
gained = ", ".join(f"{name} {value:+.2f}" for name, value in moved[moved > 0.005].items()) or "no other route"
print(f"\nBy route against a winter without the closure, {unit}: {gained}; CPC {moved['cpc']:+.2f}.")
print(
    f"{row['lost']:.2f} {unit} of {row['target']:.1f} are lost, {row['delayed']:.2f} leave later. Fields that go on "
    f"as long as they can fill the tanks {row['days_of_ullage']:.0f} days after the first closure. The worst day "
    f"misses {row['depth']:.0%} of the target; in all {row['full_days_lost']:.1f} full days of {row['window']:.0f} are "
    "lost."
)

price = test.not_knowing.loc[EVENT]
print(
    f"Had all dates been known on the first day, {price['perfect']:.2f} {unit} would be lost: not knowing costs "
    f"{price['price']:.2f}."
)

# How far does that rest on what one mooring can carry? The data give a range.
mooring = kz.legs["cpc-loading"].components.parts["spm-1"].capacity
parts = ("spm-1", "spm-2", "spm-3")
for word, value in (("least", mooring.low), ("most", mooring.high)):
    change = {f"legs.cpc-loading.components.{part}.capacity": f"{value:g} {mooring.unit}" for part in parts}
    other = ro.stress_test(kz.override(change), [EVENT]).table.loc[EVENT, "lost"]
    print(f"With the {word} that a mooring may carry, {value:g} {mooring.unit}, {other:.2f} {unit} are lost.")
