"""What to build or harden when an adversary reacts."""
