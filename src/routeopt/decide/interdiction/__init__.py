"""The worst that an adversary can close, as a mixed-integer program confirmed by enumeration."""
