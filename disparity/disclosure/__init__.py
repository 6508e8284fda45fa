"""Disclosure control: from true counts to what each audience may know of them, and the proof that no more follows.

Suppression, rounding, the sums that counts stand in, the intruder who solves all of them, the audit and the ledger of
what was released before belong here. How a figure is made of protected counts, or worded, does not.
"""

from disparity.disclosure.protection import protect, shown_count, told_this_quarter

__all__ = ["protect", "shown_count", "told_this_quarter"]
