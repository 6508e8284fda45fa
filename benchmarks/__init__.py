"""Speed and memory, printed, never asserted."""
