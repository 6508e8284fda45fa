"""The outside world: catalogue folder, landing place, lake, databases, publisher and notifier."""
