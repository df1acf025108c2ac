"""Who contributes how much."""
