"""Random outages: simulated in time, drawn as independent states, or enumerated."""
