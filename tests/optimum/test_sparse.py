"""The builder of sparse linear programs, against matrices written out."""

import numpy as np
import pytest

from routeopt.model import Builder, Matrix, with_row, with_rows
from routeopt.solve.certified import proven
from routeopt.solve.highs import Session


def full(matrix):
    dense = np.zeros(matrix.shape)
    np.add.at(dense, (matrix.index, matrix.column_of_entry), matrix.value)
    return dense


def knapsack():
    """Most of 5 a + 4 b + 3 c, with 2 a + 3 b + c <= 5, 4 a + b + 2 c <= 11, 3 a + 4 b + 2 c <= 8: 13 at (2, 0, 1)."""
    built = Builder()
    first = built.columns(np.zeros(3), np.full(3, np.inf), np.array([-5.0, -4.0, -3.0]))
    for row, most in ([2, 3, 1], 5), ([4, 1, 2], 11), ([3, 4, 2], 8):
        built.row(first + np.arange(3), row, upper=most)
    return built


def test_what_is_built_is_the_program_written_out():
    built = knapsack()
    matrix, bounds = built.matrix(), built.bounds()
    assert full(matrix).tolist() == [[2, 3, 1], [4, 1, 2], [3, 4, 2]]
    assert bounds.row_upper.tolist() == [5, 11, 8]
    assert (bounds.row_lower == -np.inf).all()
    found, proof, _ = proven(matrix, bounds, np.array(built.cost), Session(matrix, bounds), "cost")
    assert proof.valid
    assert found.x == pytest.approx([2, 0, 1])
    assert proof.value == pytest.approx(-13)


def test_blocks_land_where_they_are_put():
    inner = Matrix.of(np.array([1, 0, 1]), np.array([1, 0, 0]), np.array([3.0, 1.0, 2.0]), (2, 2))
    built = Builder()
    at = built.column(upper=1.0)
    first = built.columns(np.zeros(2), np.ones(2))
    row = built.rows(np.zeros(2), np.ones(2))
    built.block(inner, row, first)
    built.block_dense(np.array([[7.0], [0.0]]), row, at)
    built.add(row, np.array([at]), 1.0)  # what stands at one place adds up
    assert full(built.matrix()).tolist() == [[8, 1, 0], [0, 2, 3]]


def test_a_copy_grows_by_itself():
    built = knapsack()
    other = built.copy()
    other.row([0], [1.0], upper=1.0)
    assert built.matrix().shape == (3, 3)
    assert other.matrix().shape == (4, 3)


def test_rows_and_columns_are_added_behind():
    matrix, bounds = knapsack().matrix(), knapsack().bounds()
    longer, wider = with_row(matrix, bounds, np.array([0.0, 2.0, 0.0]), 1.0, 4.0)
    assert full(longer)[3].tolist() == [0, 2, 0]
    assert (wider.row_lower[3], wider.row_upper[3]) == (1.0, 4.0)
    broad = with_rows(matrix, [(np.array([0, 4]), np.array([1.0, -1.0]))], 5)
    assert full(broad)[3].tolist() == [1, 0, 0, 0, -1]
    assert full(broad)[:3, :3].tolist() == full(matrix).tolist()
    x, y = np.arange(5.0), np.arange(4.0)
    assert broad.row_activity(x).tolist() == (full(broad) @ x).tolist()
    assert broad.column_activity(y).tolist() == (full(broad).T @ y).tolist()


def test_whole_numbers_and_their_bound():
    """With a <= 1 the best is 12.5, at (1, 0, 2.5); in whole numbers (0, 0, 4) has 12 and (1, 0, 2) has 11."""
    built = knapsack()
    built.upper[0] = 1.0
    found = Session(built.matrix(), built.bounds(), np.ones(3, bool)).incumbent(np.array(built.cost))
    assert found.finished
    assert found.x == pytest.approx([0, 0, 4])
    assert found.bound == pytest.approx(-12)
