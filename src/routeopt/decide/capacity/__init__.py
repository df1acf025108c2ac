"""What every capacity of a leg brings."""
