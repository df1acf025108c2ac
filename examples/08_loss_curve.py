"""Nobody knows how long a repair will take. What is lost, by how long CPC stands still?"""

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
    f"\nA further day costs {slope.iloc[0] * 1000:.0f} kt at first, {slope.max() * 1000:.0f} at most and "
    f"{slope.iloc[-1] * 1000:.0f} at the end: tanks take the first days, the ways round CPC grow after "
    f"{kz.legs['atyrau-samara'].surge.delay}."
)
saved = today.lost[-1] - tcop.lost[-1]
print(f"Sixty days lose {today.lost[-1]:.1f} {unit}; with a Trans-Caspian pipeline of 20 Mt/y {saved:.1f} less.")

both = ro.n_minus_one(kz)
country = ro.n_minus_one(kz, over="country")
print(f"\nN-1 by formula is {both.formula:.0%}, of the network {both.network:.0%} ({both.weakest} closed);")
print(f"by country it is {country.network:.0%} ({country.weakest}). Why they differ:")
for reason in both.why:
    print(f"- {reason}")
