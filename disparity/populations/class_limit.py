"""The most classes of rows that the predicates and breakdowns of a catalogue may tell apart, checked when it is read."""

from __future__ import annotations

from collections.abc import Iterator

from disparity.catalogue import Catalogue
from disparity.catalogue.checks import Mistake
from disparity.populations.naming import too_many_classes
from disparity.populations.regions import MOST_CLASSES


def class_mistakes(catalogue: Catalogue) -> Iterator[Mistake]:
    """Predicates and breakdowns tell no more classes of rows apart than what adds up among them can be looked at for."""
    for name, columns in too_many_classes(catalogue).items():
        yield Mistake(
            "indicators",
            (name,),
            f"more than {MOST_CLASSES:,} kinds of rows are told apart by {columns}, too many to see which figures add up; "
            "compare fewer of these columns with fewer values, or break down by fewer of them",
        )
