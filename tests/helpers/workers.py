"""What workers of other processes run in tests."""

import os


def die_away_from(home, number):
    """Square a number; the third task kills any process but the first one."""
    if os.getpid() != home and number == 2:
        os._exit(1)
    return number * number
