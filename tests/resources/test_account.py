"""The account a process runs under is the system's word, not the environment's."""

from __future__ import annotations

import os
import pwd

import pytest

from resources.account import account


def test_the_account_is_the_systems_and_not_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody_else")
    monkeypatch.setenv("USER", "somebody_else")
    assert account() == pwd.getpwuid(os.geteuid()).pw_name


def test_an_account_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = 4_000_000_000
    monkeypatch.setattr(os, "geteuid", lambda: unknown)
    assert account() == "number 4000000000"
