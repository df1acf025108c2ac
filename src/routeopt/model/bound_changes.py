"""Changes of bounds by sets of closures: one plain loop, which can also be compiled."""

from __future__ import annotations

import numpy as np

__all__ = ["moved_bounds"]


def moved_bounds(closing, ptr, chosen):
    """Compute the bounds that differ from the base ones, for each set of closures.

    The closures of set s are ``chosen[ptr[s]:ptr[s + 1]]``. Returns ``starts, variables, lower, upper``: the changes of
    set s are at ``starts[s]`` to ``starts[s + 1]``; variables are columns, then rows.
    """
    cut, left, owner, base = closing.cut, closing.left, closing.owner, closing.share
    lower, upper = closing.lower, closing.upper
    many, contracts = len(closing.in_service), len(closing.contract_row)
    share = base.copy()
    dirty = np.zeros(many, np.bool_)
    suspended = np.zeros(contracts, np.bool_)
    owners, dues = np.zeros(many, np.int32), np.zeros(contracts, np.int32)
    in_service = np.ones(many)
    sets = len(ptr) - 1
    starts = np.zeros(sets + 1, np.int64)
    size = max(16, 4 * len(chosen))
    var, low, up = np.empty(size, np.int32), np.empty(size), np.empty(size)
    most = len(lower)
    end = 0
    for s in range(sets):
        if end + most > size:
            size = 2 * size + most
            old_var, old_low, old_up = var, low, up
            var, low, up = np.empty(size, np.int32), np.empty(size), np.empty(size)
            for e in range(end):
                var[e], low[e], up[e] = old_var[e], old_low[e], old_up[e]
        count, waiting = 0, 0
        for i in range(ptr[s], ptr[s + 1]):
            for e in range(closing.start[chosen[i]], closing.start[chosen[i] + 1]):
                c = cut[e]
                if left[e] < share[c]:
                    share[c] = left[e]
                    if not dirty[owner[c]]:
                        dirty[owner[c]] = True
                        owners[count] = owner[c]
                        count += 1
        for i in range(count):
            k = owners[i]
            # The share in service, as in Situation.in_service; components count only where one of them is cut.
            here = min(1.0, share[k])
            first, last = closing.term_start[k], closing.term_start[k + 1]
            touched = False
            for e in range(closing.part_start[first], closing.part_start[last]):
                touched = touched or share[closing.part_share[e]] <= 1.0
            if touched:
                for t in range(first, last):
                    total = 0.0
                    for e in range(closing.part_start[t], closing.part_start[t + 1]):
                        rest = min(1.0, share[closing.part_share[e]])
                        total += rest * closing.part_inside[e] + (1.0 - rest) * closing.part_outside[e]
                    here = min(here, total / closing.term_whole[t])
            in_service[k] = here
            for e in range(closing.limit_start[k], closing.limit_start[k + 1]):
                j, open_to, new = closing.limit[e], here, 0.0
                if closing.limit_stream[e] >= 0:
                    open_to = min(here, share[closing.limit_stream[e]])
                if open_to > 0.0:
                    new = closing.limit_size[e] * open_to * closing.limit_times[e] / closing.limit_over[e]
                if closing.limit_lower[e]:
                    if new != lower[j]:
                        var[end], low[end], up[end] = j, new, upper[j]
                        end += 1
                elif new != upper[j]:
                    var[end], low[end], up[end] = j, lower[j], new
                    end += 1
            for e in range(closing.due_start[k], closing.due_start[k + 1]):
                if not suspended[closing.due[e]]:
                    suspended[closing.due[e]] = True
                    dues[waiting] = closing.due[e]
                    waiting += 1
        for i in range(waiting):
            d = dues[i]
            suspended[d] = False
            j, new, carried = closing.contract_row[d], closing.contract_volume[d], 0.0
            a, z = closing.contract_start[d], closing.contract_start[d + 1]
            for m in range(a, z):
                k, open_to = closing.contract_leg[m], 0.0
                for e in range(closing.stream_start[m], closing.stream_start[m + 1]):
                    c = closing.stream_share[e]
                    open_to += 1.0 if c < 0 else min(1.0, share[c])
                open_to = min(open_to, in_service[k] if dirty[k] else closing.in_service[k])
                carried += closing.contract_size[m] * open_to if open_to > 0.0 else 0.0
                if m + 1 == z or closing.contract_limit[m + 1] != closing.contract_limit[m]:
                    new, carried = min(new, carried), 0.0
            if new != lower[j]:
                var[end], low[end], up[end] = j, new, upper[j]
                end += 1
        for i in range(ptr[s], ptr[s + 1]):
            for e in range(closing.start[chosen[i]], closing.start[chosen[i] + 1]):
                share[cut[e]] = base[cut[e]]
        for i in range(count):
            dirty[owners[i]] = False
        starts[s + 1] = end
    return starts, var[:end], low[:end], up[:end]
