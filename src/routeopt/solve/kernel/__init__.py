"""The batch kernel: a bounded dual simplex that starts every closure from one basis and remembers its pivots."""
