"""Dagster's interface as it is served: its processes, and the guard before them. Which jobs it offers is not said here."""
