"""The tableau of a basis: Gauss-Jordan elimination that skips zeros, of which a network is full.

Compiled and on one thread: for a few hundred rows the start-up of a threaded library costs more than the work.
"""

from __future__ import annotations

import numpy as np

from routeopt.solve.kernel.jit import entry

__all__ = ["tableau_into"]

_SINGULAR = 1e-9


@entry
def tableau_into(first, row, value, cost, basic, order, table, reduced):
    """Fill in the tableau and the reduced costs of a basis; whether it is one.

    - ``first``, ``row``, ``value``: the matrix A by columns; the logical variables behind them have -1 in their own
      row.
    - ``cost`` (K, N).
    - ``basic`` (rows,).
    - ``order`` (rows,): places in ``basic`` in the order in which they are eliminated: those with few entries first.
    - ``table`` (rows, N): filled: B^-1 [A, -1]; row r belongs to ``basic[r]``.
    - ``reduced`` (K, N): filled.
    """
    rows, size = table.shape
    columns = len(first) - 1
    work = np.zeros((rows, size))
    for j in range(columns):
        for e in range(first[j], first[j + 1]):
            work[row[e], j] += value[e]
    for i in range(rows):
        work[i, columns + i] = -1.0
    done, pivot_row = np.zeros(rows, np.bool_), np.empty(rows, np.int64)
    filled = np.empty(size, np.int64)
    for c in order:
        b = basic[c]
        best, top = _SINGULAR, -1
        for i in range(rows):
            if not done[i] and abs(work[i, b]) > best:
                best, top = abs(work[i, b]), i
        if top < 0:
            return False
        done[top], pivot_row[c] = True, top
        count, pivot = 0, work[top, b]
        for j in range(size):
            if work[top, j] != 0.0:
                work[top, j] /= pivot
                filled[count] = j
                count += 1
        work[top, b] = 1.0
        for i in range(rows):
            factor = work[i, b]
            if i != top and factor != 0.0:
                for n in range(count):
                    work[i, filled[n]] -= factor * work[top, filled[n]]
                work[i, b] = 0.0
    for c in range(rows):
        table[c] = work[pivot_row[c]]
    for k in range(len(cost)):
        reduced[k] = cost[k]
        for c in range(rows):
            factor = cost[k, basic[c]]
            if factor != 0.0:
                for j in range(size):
                    reduced[k, j] -= factor * table[c, j]
        for c in range(rows):
            reduced[k, basic[c]] = 0.0
    return True
