"""The examples in the docstrings of the statistics run, and every method has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

from disparity import statistics

# What methods are made of: their callers are the methods themselves.
WORKINGS = {"arguments", "root_finding", "score", "score_ratio", "strata"}
MODULES = [
    importlib.import_module(f"{statistics.__name__}.{each.name}")
    for each in pkgutil.iter_modules(statistics.__path__)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.__name__.rpartition(".")[2])
def test_examples_run(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_every_method_has_an_example() -> None:
    methods = [
        function
        for module in MODULES
        if module.__name__.rpartition(".")[2] not in WORKINGS
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    ]
    assert len(methods) > 40
    without = [each.__name__ for each in methods if ">>> " not in str(each.__doc__)]
    assert without == ["pooled_result"], "which lays out what two methods found, and is none"
