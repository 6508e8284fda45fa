"""All tables that published counts of one dataset leave possible, as a constraint program in exact integers (CP-SAT).

How many rows of each class there are, in each stretch of quarters that windows tell apart and of each ethnicity, are the
unknown numbers, each zero or more. Every published count is a sum of some of them that lies in an interval. Nothing else is
assumed: what adds up follows, since a sum is over all rows of which a count's predicates are true.

Breakdowns are looked at one at a time: a table of class by level for each, that sums over its levels to the whole. Nothing
is lost by it. Given such tables that agree in the whole, the rows of one class, quarters and ethnicity can be given the
levels of each breakdown in any order, since a class says all that the dictionary's rules, and predicates on a breakdown's
own field, ask of a row. So there are rows that have all the tables at once. The broad groups divide the whole alone, as
breakdowns do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from ortools.sat.python import cp_model

from judge.classes import Chosen, Classes
from judge.policies import BEYOND, Could

_SEED = 14
_FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


class People(NamedTuple):
    """Of whom a count is: some rows, of the quarters from first to last, of some ethnicities."""

    first: int
    last: int
    chosen: Chosen
    ethnicities: frozenset[str]


class ImpossibleError(Exception):
    """No table has all that was published."""


class Tables:
    """The tables that some counts leave possible."""

    def __init__(
        self,
        classes: Classes,
        groups: Mapping[str, frozenset[str]],
        counts: Mapping[People, Could],
        also: Iterable[People],
        seconds: float,
    ) -> None:
        """Lay out the program. ``groups`` are the ethnicities that breakdowns tell apart, each with those within it.

        ``also`` are people who may be asked about though no count is of them. ``seconds`` is for each question. Raises
        ImpossibleError where there is no such table.
        """
        self._classes, self._groups, self._seconds = classes, groups, seconds
        self._model = cp_model.CpModel()
        everybody = dict.fromkeys([*counts, *also])
        self._stretches = list(_stretches(everybody))
        self._whole = {
            (stretch, number, ethnicity): self._number()
            for stretch in self._stretches
            for number in range(classes.size)
            for within in groups.values()
            for ethnicity in sorted(within)
        }
        self._by_level: dict[tuple[str, int, int, str, str], cp_model.IntVar] = {}
        for breakdown in sorted({each.chosen.breakdown for each in everybody} - {""}):
            self._divide(breakdown)
        self._count_of = {people: self._counted(people, counts.get(people)) for people in everybody}
        self.seen: dict[People, tuple[int, int]] = {}
        """The least and the greatest of each count in the tables found so far; nothing where none was found in time."""
        self._solve()

    def least_of(self, people: People) -> int | None:
        """Return the least that a count can be."""
        self._model.minimize(self._count_of[people])
        return self._end()

    def greatest_of(self, people: People) -> int | None:
        """Return the greatest that a count can be."""
        self._model.maximize(self._count_of[people])
        return self._end()

    def reaches(self, people: People, least: int) -> bool | None:
        """Return whether a count can be ``least`` or more; None where that was not found."""
        domain = self._model.proto.variables[self._count_of[people].index].domain
        if least > domain[1]:
            return False
        before, domain[0] = domain[0], max(domain[0], least)
        self._model.clear_objective()  # type: ignore[no-untyped-call]
        try:
            return True if self._solve() in _FOUND else None
        except ImpossibleError:
            return False
        finally:
            domain[0] = before

    def _number(self, greatest: int = BEYOND, least: int = 0) -> cp_model.IntVar:
        return self._model.new_int_var(least, greatest, "")

    def _divide(self, breakdown: str) -> None:
        """Lay out a table of class by level, that sums over its levels to the whole."""
        able = self._classes.levels[breakdown]
        for stretch in self._stretches:
            for number in range(self._classes.size):
                for group, within in self._groups.items():
                    levels = [self._number() for _ in able[number]]
                    for level, variable in zip(sorted(able[number]), levels, strict=True):
                        self._by_level[breakdown, stretch, number, group, level] = variable
                    whole = [self._whole[stretch, number, each] for each in sorted(within)]
                    self._model.add(sum(levels) == sum(whole))

    def _counted(self, people: People, could: Could | None) -> cp_model.IntVar:
        least, greatest, _ = could or Could(0, BEYOND, hidden=False)
        if least > greatest:
            raise ImpossibleError
        total = self._number(greatest, least)
        self._model.add(cp_model.LinearExpr.sum(list(self._terms(people))) == total)
        return total

    def _terms(self, people: People) -> Iterator[cp_model.IntVar]:
        breakdown = people.chosen.breakdown
        for stretch in (each for each in self._stretches if people.first <= each <= people.last):
            for number, levels in sorted(people.chosen.levels, key=lambda each: each[0]):
                if not breakdown:
                    yield from (self._whole[stretch, number, each] for each in sorted(people.ethnicities))
                    continue
                for group, within in self._groups.items():
                    if within <= people.ethnicities:
                        yield from (
                            self._by_level[breakdown, stretch, number, group, each] for each in sorted(levels)
                        )

    def _end(self) -> int | None:
        """Return the end of a count that was asked for, or None where it was not proved in the time given."""
        solver = cp_model.CpSolver()
        return round(solver.objective_value) if self._solve(solver) == cp_model.OPTIMAL else None

    def _solve(self, solver: cp_model.CpSolver | None = None) -> object:
        """Look for a table, note what its counts are, and return the solver's status."""
        solver = solver or cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = _SEED
        solver.parameters.max_time_in_seconds = self._seconds
        status = solver.solve(self._model)
        if status in _FOUND:
            for people, variable in self._count_of.items():
                value = solver.value(variable)
                least, greatest = self.seen.get(people, (value, value))
                self.seen[people] = min(least, value), max(greatest, value)
        elif status == cp_model.INFEASIBLE:
            raise ImpossibleError
        return status


def _stretches(everybody: Collection[People]) -> Iterator[int]:
    """Yield the first quarter of each stretch of quarters that no window divides; what no window covers is left out."""
    ends = sorted({end for each in everybody for end in (each.first, each.last + 1)})
    for first, after in pairwise(ends):
        if any(each.first <= first and after <= each.last + 1 for each in everybody):
            yield first
