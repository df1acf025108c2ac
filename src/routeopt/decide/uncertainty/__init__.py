"""Which conclusions survive the ranges of the data."""
