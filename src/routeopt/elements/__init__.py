"""What can fail, be attacked, protected or removed, and the certified value of any set of it."""
