"""Linear and whole-number programs, solved by HiGHS behind a small face of our own.

A program minimises cost · x with 0 ≤ x ≤ upper and lower ≤ rows · x ≤ upper. It runs on one thread and stops by nodes,
never by the clock, so the same program always has the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
INFINITE = float(highspy.kHighsInf)


@dataclass(slots=True)
class Columns:
    """Columns being gathered: each with its cost, upper bound, and coefficients by row."""

    costs: list[float] = field(default_factory=list)
    uppers: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.costs)

    def add(self, cost: float, rows: Sequence[int], values: Sequence[float], *, upper: float = INFINITE) -> int:
        """Append a column; its number among these columns."""
        self.costs.append(cost)
        self.uppers.append(upper)
        self.starts.append(len(self.rows))
        self.rows += rows
        self.values += values
        return len(self.costs) - 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """`values` is None where no solution was found; `bound` is proven, also when the search stopped early."""

    values: Floats | None
    row_prices: Floats  # what one more unit of a row would cost; of a linear program only
    cost: float
    bound: float
    best: bool  # proven to be the cheapest


class _Silent(highspy.Highs):
    """HiGHS greets on standard output, where our results go, unless it is told before anything else."""

    def enableCallbacks(self) -> None:  # noqa: N802
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class Program:
    """One program; columns and rows may be added between two solves, which then start from the last solution."""

    def __init__(self, *, seed: int = 0) -> None:
        self._highs = _Silent()  # type: ignore[no-untyped-call]
        self._set(threads=1, random_seed=seed % 2**31)
        self.rows = 0
        self.columns = 0

    def add_rows(self, lower: Sequence[float], upper: Sequence[float]) -> int:
        """Append rows without coefficients (columns bring theirs along); the number of the first."""
        nothing = np.zeros(0, dtype=np.int32)
        count = len(lower)
        self._highs.addRows(count, np.array(lower), np.array(upper), 0, nothing, nothing, np.zeros(0))
        self.rows += count
        return self.rows - count

    def add_row(self, lower: float, upper: float, columns: Sequence[int], values: Sequence[float]) -> int:
        """Append one row with coefficients for columns that exist; its number."""
        self._highs.addRow(lower, upper, len(columns), np.array(columns, dtype=np.int32), np.array(values, dtype=float))
        self.rows += 1
        return self.rows - 1

    def add_columns(self, new: Columns, *, whole: bool = False) -> int:
        """Append columns, of whole numbers if `whole`; the number of the first."""
        count = len(new)
        starts, rows = np.array(new.starts, dtype=np.int32), np.array(new.rows, dtype=np.int32)
        costs, uppers = np.array(new.costs, dtype=float), np.array(new.uppers, dtype=float)
        self._highs.addCols(
            count, costs, np.zeros(count), uppers, len(rows), starts, rows, np.array(new.values, dtype=float)
        )
        if whole:
            numbers = np.arange(self.columns, self.columns + count, dtype=np.int32)
            self._highs.changeColsIntegrality(count, numbers, np.full(count, highspy.HighsVarType.kInteger))
        self.columns += count
        return self.columns - count

    def solve(self) -> Outcome:
        """Solve as a linear program."""
        return self._run()

    def solve_whole(self, *, nodes: int, gap: float = 0.0, part: float = 0.0) -> Outcome:
        """Search at most `nodes` nodes of the tree, until cost - bound is at most `gap` or `part` of the cost."""
        self._set(mip_max_nodes=nodes, mip_rel_gap=part, mip_abs_gap=gap)
        return self._run()

    def _run(self) -> Outcome:
        self._highs.run()
        info, solution = self._highs.getInfo(), self._highs.getSolution()
        best = self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        bound = info.mip_dual_bound if info.mip_node_count >= 0 else info.objective_function_value
        return Outcome(
            np.array(solution.col_value) if found else None,
            np.array(solution.row_dual),
            float(info.objective_function_value),
            float(bound),
            best,
        )

    def _set(self, **options: float) -> None:
        for name, value in options.items():
            self._highs.setOptionValue(name, value)
