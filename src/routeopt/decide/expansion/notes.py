"""What a reader must know before using the numbers of an expansion plan."""

from __future__ import annotations

from routeopt.decide.expansion.solve import Solution, named

__all__ = ["notes"]


def notes(solution: Solution) -> tuple[str, ...]:
    """See `ExpansionPlan.notes`."""
    setup, ledger = solution.setup, solution.ledger
    found = []
    for option in setup.options:
        build = option.build
        at = f"{build.discount_rate} interest" if build.discount_rate else "no interest"
        found.append(
            f"{option.leg}: capital over {build.lifetime} at {at}; a premium for closures in it would count twice"
        )
    if setup.toll:
        found.append(
            "shippers pay the annuity by the tonne at full use, so flows leave an option empty where others cost less"
        )
    else:
        found.append("capital is sunk: flows follow operating costs, and the annuity is paid whether oil flows or not")
    prices = setup.operator.prices
    piece = f"USD/{setup.system.priced_unit}"
    extra = f" and {prices.lost:g} {piece} on top" if prices.lost else ""
    found.append(f"a unit that is not exported costs the revenue that is missed{extra}; it is not sold later")
    if float(ledger.values[:, :, 1].max(initial=0.0)) > 0:
        found.append(f"a unit that refineries lack costs {prices.shortage:.4g} {piece}")
    if setup.operator.economic:
        found.append("flows minimise this cost itself; refineries come first only as far as their price says")
    else:
        found.append("flows keep to refineries first, volume second, money last, whatever that costs")
    if solution.model is not None and setup.continuous:
        pieces = "with a binary for each piece" if solution.model.problem.first.whole.any() else "convex"
        found.append(f"capital is straight between the sizes that were studied ({pieces})")
    if solution.sampled is not None:
        sampled = solution.sampled
        how = f"{sampled.draws} draws (seed {setup.seed})" if sampled.draws else "all states of its outages, exact"
        found.append(f"the base is {how}: {len(sampled.states)} distinct instants; they know neither tanks nor ramps")
    found += [f"as good: {named(tie, 'to build nothing')}" for tie in solution.ties]
    largest = {option.leg: option.sizes[-1] for option in setup.options}
    found += dict.fromkeys(note for source in ledger.states.sources for note in source.situation(largest).notes)
    return tuple(found)
