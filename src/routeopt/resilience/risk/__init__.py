"""What random outages cost: the profile of losses, its measures and what each event contributes."""
