"""Worst case and defence: the worst one, two or three closures, and the effect of protecting one element."""

import itertools

import routeopt as ro

kz = ro.load("kazakhstan")
DRAWS, MOST = 40, 2

for over in ("leg", "route", "country"):
    print(f"{ro.worst_case(kz, 3 if over != 'leg' else 2, over)}\n")
print("Refineries come first. By exports alone, the worst attack is:")
print(f"{ro.worst_case(kz, 2, measure='exports')}\n")

print("Is the attack that costs most money another than the one that stops most volume?")
for over, k in itertools.product(("route", "country"), (1, 2, 3)):
    volume, netback = (ro.worst_case(kz, k, over, measure=measure) for measure in ("volume", "netback"))
    verdict = f"yes, {' + '.join(netback.attack)}" if not set(netback.ties) & set(volume.ties) else "no"
    print(f"  {k} {over}: {' + '.join(volume.attack)} stops {volume.lost:.1f} {volume.unit}; largest loss of "
          f"netback {netback.lost / 1e9:.1f} bn {netback.unit}: {verdict}")  # fmt: skip

print("\nWorst pair if one route is protected:")
pair = ro.worst_case(kz, MOST, "route")
saved = {}
for name in pair.elements:
    left = ro.worst_case(kz, MOST, "route", protect=[name])
    saved[name] = pair.lost - left.lost
    print(f"  {name:15} leaves {' + '.join(left.attack):30} {left.lost:5.1f} {left.unit}, {saved[name]:.1f} less")

# What to build or harden, if the attacker reacts to it.
options = [
    "tcop",  # each of its sizes
    "tankers",  # what the scenario of that name reopens
    {"override": {"groups.aktau-berths.capacity": "7.5 Mt/y"}},
    {"override": {"groups.samara-quota.capacity": "17.5 Mt/y"}},
]
harden = [{"protect": leg} for leg in ("cpc-loading", "cpc-ru", "novorossiysk-augusta", "atyrau-samara")]
print(f"\n{ro.defend(kz, 2, options + harden, over='leg', max_options=2, measure='exports')}\n")
defences = {over: ro.defend(kz, 3, options, over=over, max_options=1) for over in ("route", "country")}
for over, found in defences.items():
    for k, row in found.by_k.iloc[1:].iterrows():
        print(f"  {k} {over}: {' + '.join(row['defence']) or 'nothing helps'} leaves {row['lost']:.1f} of "
              f"{row['undefended']:.1f} {found.unit} lost")  # fmt: skip

# Does it hold over the ranges of the data? All sets of routes, and every country, with the same data in each draw.
alone = ro.worst_case(kz, 1, "country")
routes, countries = pair.elements, alone.elements
sets = {("route", *some): [closure for name in some for closure in routes[name]]
        for k in range(1, MOST + 1) for some in itertools.combinations(routes, k)}  # fmt: skip
sets |= {("country", name): list(closures) for name, closures in countries.items()}
scenarios = [{"title": "open"}, *({"title": " ".join(key), "closures": closures} for key, closures in sets.items())]


def stays_worst(kind, worst):
    """Whether a set loses most of all sets of its kind and size."""
    rivals = {key: " ".join(key) for key in sets if key[0] == kind and len(key) == len(worst) + 1}
    mine = next(title for key, title in rivals.items() if set(key[1:]) == set(worst))

    def holds(plans):
        return bool(plans[mine].exported <= min(plans[title].exported for title in rivals.values()) + 1e-6)

    return holds


first = ro.worst_case(kz, 1, "route")
claims = {
    f"route {first.attack[0]}": stays_worst("route", first.attack),
    f"routes {' + '.join(pair.attack)}": stays_worst("route", pair.attack),
    f"country {alone.attack[0]}": stays_worst("country", alone.attack),
}
tested = ro.sensitivity(kz, scenarios, DRAWS, conclusions=claims)
held = (tested.conclusions["share"] * DRAWS).round().astype(int)

drawn = tested.results.xs("exported", axis=1, level=1)
pairs = drawn.drop(columns="open")[[" ".join(key) for key in sets if key[0] == "route" and len(key) == MOST + 1]]
stopped = (drawn["open"] - pairs.min(axis=1)) / drawn["open"]

best = max(saved, key=saved.get)
nested = all(not out for out in ro.worst_case(kz, 3, "route").curve["out"])
by_k = [" + ".join(names) or "nothing" for names in defences["route"].by_k["defence"].iloc[1:]]
against = "more" if alone.lost > pair.lost else "less"
print(
    f"\nFindings. One route ({first.attack[0]}) stops {first.lost / first.exported:.0%} of exports and one "
    f"country ({alone.attack[0]}) {alone.lost / alone.exported:.0%}, {abs(alone.lost - pair.lost):.1f} {pair.unit} "
    f"{against} than the worst pair of routes. The worst sets of routes are "
    f"{'nested: each contains the one before' if nested else 'not nested'}. Protecting {best} reduces the loss of the "
    f"worst pair most, by {saved[best]:.1f} {pair.unit}. The best option to build against one, two and three closed "
    f"routes is {', '.join(by_k)}: it {'depends' if len(set(by_k)) > 1 else 'does not depend'} on their number. "
    f"With all {len(tested.inputs_table)} numbers that have a range drawn, "
    + ", ".join(f"{name} stayed the worst of its kind in {count} of {DRAWS} draws" for name, count in held.items())
    + f"; the worst pair of routes stopped {stopped.min():.0%} to {stopped.max():.0%} of exports"
    + ". These closures last a year and spare nameplate capacity counts; a short one meets tanks, and less of it."
)
