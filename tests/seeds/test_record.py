"""The count of CPC's stops, against a count of days made straight from the file."""

import datetime as dt
import itertools

import pytest
from scipy import stats

CPC = {("leg", "cpc-kz"), ("leg", "cpc-ru"), ("leg", "cpc-loading"), ("tag", "cpc"), ("route", "cpc")}
WINDOW = dt.date(2022, 1, 1), dt.date(2026, 1, 1)


def stopped_days(scenarios, planned=True):
    """Every day on which a closure of a whole leg of CPC was in force."""
    days = set()
    for name, scenario in scenarios.items():
        if "event" not in scenario.get("tags", ()) or name == "cpc-2022-07-court-enforced":
            continue
        for closure in scenario["closures"]:
            whole = "component" not in closure and "availability" not in closure
            if whole and any(closure.get(kind) == name for kind, name in CPC):
                if not planned and closure["cause"] == "maintenance":
                    continue
                first = day_of(closure.get("from", scenario["horizon"]["start"]))
                last = day_of(closure.get("to", scenario["horizon"]["end"]))
                days |= {first + dt.timedelta(n) for n in range((last - first).days)}
    return sorted(day for day in days if WINDOW[0] <= day < WINDOW[1])


def day_of(written):
    return written if isinstance(written, dt.date) else dt.date.fromisoformat(written)


def runs(days):
    return sum(day - dt.timedelta(1) not in days for day in days)


def test_stops_and_days(case, scenarios):
    days = stopped_days(scenarios)
    assert (len(case.stops), sum(stop.days for stop in case.stops)) == (runs(days), len(days)) == (11, 33)
    unplanned = stopped_days(scenarios, planned=False)
    assert sum(not stop.planned for stop in case.stops) == runs(unplanned) == 7
    assert case.stopped == pytest.approx(len(days) / 4, rel=1e-3)


def test_near_misses_and_what_did_not_happen_are_not_counted(case):
    july = [span for span in case.spans if dt.date(2022, 7, 5) <= span.start < dt.date(2022, 8, 20)]
    assert july == []
    assert not any(span.start == dt.date(2025, 9, 24) for span in case.spans)


def test_calendar_covers_each_day_once(case):
    for before, after in itertools.pairwise(case.spans):
        assert before.end <= after.start
    assert case.spans[0].start >= WINDOW[0]
    assert case.spans[-1].end <= WINDOW[1]


@pytest.mark.parametrize(
    ("first", "left"),
    [
        ((2022, 3, 23), 0.0),  # storm: everything
        ((2022, 4, 1), (83 - 6.7) * 42 / 83),  # two moorings: one of 42 is left, shared with the Russian shippers
        ((2022, 5, 1), 72.5),  # one mooring: the other two carry all that the Kazakh section brings
        ((2025, 3, 1), (83 - 6.7) * 58 / 83),  # Kropotkinskaya
        ((2025, 4, 10), (83 - 6.7) * 42 / 83),  # Kropotkinskaya and two moorings: the worse of them
    ],
)
def test_what_is_left_of_cpc(case, first, left):
    day = dt.date(*first)
    span = next(span for span in case.spans if span.start <= day < span.end)
    assert span.capacity == pytest.approx(left)


def test_days_by_what_they_cut(case):
    normal = case.plans["base"].routes["flow"]["cpc"]
    by_hand = sum(span.days * max(0, normal - span.capacity) / normal for span in case.spans) / 4
    assert case.cut == pytest.approx(by_hand, rel=1e-3)
    assert case.cut > case.stopped


@pytest.mark.parametrize(("count", "years"), [(0, 4.0), (1, 2.0), (11, 4.0), (40, 3.0)])
def test_interval_of_a_count(scripts, count, years):
    from record import poisson_interval

    low, high = poisson_interval(count, years)
    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2 / years if count else 0.0, abs=1e-9)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2 / years)
