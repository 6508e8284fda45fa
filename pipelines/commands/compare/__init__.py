"""The command `compare`: the question an analyst types, the answer, and the answer as text."""
