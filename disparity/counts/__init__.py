"""Counting: from records to the cells of every indicator, and the account of who is in its base and who is not.

What is counted is said by the catalogue and of whom by the populations. What may be shown of a count is decided after
it, in `disparity.disclosure.protection`; nothing here knows of a policy.
"""
