"""Loss against repair time, with all of CPC closed or two of its moorings; and N-1."""

import routeopt as ro

kz = ro.load("kazakhstan")

today = ro.loss_curve(kz, {"route": "cpc"}, up_to="60 d", every="6 d", after="45 d")
print(today)

mooring = ro.loss_curve(
    kz, {"leg": "cpc-loading", "component": ["spm-2", "spm-3"]}, up_to="60 d", every="6 d", after="45 d"
)
print(f"\n{mooring}")

tcop = ro.loss_curve(kz, {"route": "cpc"}, up_to="60 d", every="12 d", after="45 d", scenario="tcop-20")
unit = today.amount_unit
slope = today.table["a_day_more"].dropna()
print(
    f"\nOne more day costs {slope.iloc[0] * 1000:.0f} kt at first, {slope.max() * 1000:.0f} kt at most and "
    f"{slope.iloc[-1] * 1000:.0f} kt at the end: tanks absorb the first days, alternative routes ramp up after "
    f"{kz.legs['atyrau-samara'].surge.delay}."
)
saved = today.lost[-1] - tcop.lost[-1]
print(f"Sixty days lose {today.lost[-1]:.1f} {unit}; with a Trans-Caspian pipeline of 20 Mt/y {saved:.1f} less.")

both = ro.n_minus_one(kz)
country = ro.n_minus_one(kz, over="country")
print(f"\nN-1 is {both.formula:.0%} by formula and {both.network:.0%} by network ({both.weakest} closed);")
print(f"by country the network gives {country.network:.0%} ({country.weakest}). Notes on the difference:")
for reason in both.why:
    print(f"- {reason}")
