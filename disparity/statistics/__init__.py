"""Statistical methods on plain counts and arrays: one method a module, from its paper, held against published tables.

Nothing of the organisation, its catalogue, its people or its disclosure policies belongs here, and nothing else of the
project is imported: what a count is of and what may be shown of it is decided above.
"""
