"""Whom a count is of: the set of people its predicates are true of, under one name in every table, quarter and audience.

How many they are is counted elsewhere, and so is what may be shown of them. Sets of rows and how they lie in each other
belong here; the sums that counts of them stand in are what disclosure control makes of it.
"""
