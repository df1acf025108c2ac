"""A winter storm closes CPC's terminal for some days: how long can it last before fields shut in?"""

import datetime as dt

import routeopt as ro

kz = ro.load("kazakhstan")
FIRST = dt.date(2026, 1, 20)

storms = {}
for days in (1, 2, 3, 4, 6, 8):
    end = FIRST + dt.timedelta(days=days)
    storms[f"{days} d"] = {
        "horizon": {"start": "2026-01-01", "end": "2026-04-01", "step": "day"},
        "closures": [{"leg": "cpc-loading", "from": FIRST.isoformat(), "to": end.isoformat(), "cause": "storm"}],
    }

test = ro.stress_test(kz, storms)
kt = test.table[["lost", "deferred", "shut_in"]] * 1000
print("Storms without warning, amounts in kt:")
print(kt.round(0).join(test.table[["days_of_ullage", "days_to_recover"]].round(1)).to_string(na_rep="-"))

longest = test["8 d"].periods
window = longest.loc[FIRST.isoformat() :].head(16)
print(f"\nA storm of eight days, rates in {test['8 d'].flow_unit}, tanks in {test.amount_unit}:")
print(window["total"][["exported", "produced", "shut_in"]].join(window["terminal"]["cpc-tanks"]).round(2).to_string())

free = [name for name, lost in test.table["lost"].items() if lost == 0]
harmless = f"a storm of {free[-1]} costs nothing: tanks absorb it and spare mooring capacity clears it" if free else (
    "even a storm of one day causes losses")  # fmt: skip
knowing = test.value_of_foresight["difference"] * 1000
print(
    f"\nIn this model {harmless}. If fields keep producing, tanks are full after "
    f"{test.table['days_of_ullage'].max():.1f} days without loading. The value of foresight is {knowing.max():.0f} kt "
    "in the worst of these storms: tanks could be drawn down beforehand."
)
low = kz.override({"nodes.cpc-tanks.storage.initial": "70 %"})
full = ro.stress_test(low, {"4 d": storms["4 d"]}).table.loc["4 d", "lost"] * 1000
print(
    "The tank level at the start decides: "
    f"at 70% instead of {kz.nodes['cpc-tanks'].storage.initial} a storm of four days loses {full:.0f} kt instead of "
    f"{kt.loc['4 d', 'lost']:.0f}."
)
