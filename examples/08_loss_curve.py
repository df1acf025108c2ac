"""Loss against repair time, with all of CPC closed or two of its moorings; and N-1."""

import routeopt as ro

kz = ro.load("kazakhstan")

today = ro.loss_curve(kz, {"route": "cpc"}, max_duration="60 d", step="6 d", recovery_window="45 d")
print(today)

mooring = ro.loss_curve(
    kz, {"leg": "cpc-loading", "component": ["spm-2", "spm-3"]}, max_duration="60 d", step="6 d", recovery_window="45 d"
)
print(f"\n{mooring}")

tcop = ro.loss_curve(kz, {"route": "cpc"}, max_duration="60 d", step="12 d", recovery_window="45 d", scenario="tcop-20")
unit = today.amount_unit
slope = today.table["marginal_loss"].dropna()
print(
    f"\nOne more day costs {slope.iloc[0] * 1000:.0f} kt at first, {slope.max() * 1000:.0f} kt at most and "
    f"{slope.iloc[-1] * 1000:.0f} kt at the end: tanks absorb the first days, alternative routes ramp up after "
    f"{kz.legs['atyrau-samara'].surge.delay}."
)
saved = today.lost[-1] - tcop.lost[-1]
print(f"Sixty days lose {today.lost[-1]:.1f} {unit}; with a Trans-Caspian pipeline of 20 Mt/y {saved:.1f} less.")

both = ro.n_minus_one(kz)
country = ro.n_minus_one(kz, over="country")
print(
    f"\nN-1 is {both.formula_ratio:.0%} by formula and {both.network_ratio:.0%} by network "
    f"({both.critical_element} closed);"
)
print(
    f"by country the network gives {country.network_ratio:.0%} ({country.critical_element}). Notes on the difference:"
)
for reason in both.notes:
    print(f"- {reason}")
