"""The worst that an adversary can close, as a mixed-integer programme confirmed by enumeration."""
