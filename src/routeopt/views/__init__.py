"""Results for people: digests, cards, files.

Results reach what is here through `routeopt.shown` and nothing else.
"""
