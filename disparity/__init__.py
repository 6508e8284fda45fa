"""What the numbers mean: catalogue models, dataset contracts, statistics and disclosure control, all pure."""
