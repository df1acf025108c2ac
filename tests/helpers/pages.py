"""Pages of reports, made once for all tests that look at them."""

from __future__ import annotations

import pytest

from routeopt.views import report

__all__ = ["PLOTLY", "text_of"]

PLOTLY = "/* plotly.js */"
"""Stands where plotly's megabytes would."""

_MADE: dict[str, str] = {}


def text_of(kind, result, maps=False):
    """A page without plotly's JavaScript; maps take a second each, so most pages get an empty one."""
    if kind not in _MADE:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(report, "plotly_script", lambda: PLOTLY)
            if not maps:
                svg = report.svg
                empty = '<svg role="img"></svg>'
                patch.setattr(report, "svg", lambda one, name: empty if one.name == "network" else svg(one, name))
            _MADE[kind] = report.page(result)
    return _MADE[kind]
