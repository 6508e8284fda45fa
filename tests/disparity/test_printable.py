"""What others wrote reaches a terminal without what would steer it."""

from __future__ import annotations

import pytest

from disparity.printable import printable, printable_lines
from disparity.refusal import refuse

STEERING = ("\x1b[31m", "\u202e", "\u2066", "\x9b2J", "\n", "\r", "\x07", "\u2028", "\udcff", "\x00")


@pytest.mark.parametrize("sign", STEERING)
def test_no_sign_that_steers_is_left_wherever_it_stands(sign: str) -> None:
    refusal = refuse(f"a{sign}", where=f"b{sign}", rule=f"c{sign}", do=f"d{sign}", there=[f"e{sign}"])
    for said in (str(refusal), *refusal.there, printable(f"f{sign}")):
        assert said.isprintable()
        said.encode()


def test_what_can_be_seen_and_the_lines_of_a_text_stay() -> None:
    text = "Employee Number: £1,234\nÅngström — 民族\n"
    assert printable_lines(text) == text
