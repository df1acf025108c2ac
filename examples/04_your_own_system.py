"""Your own system: ten lines of YAML, one error, one closure."""

import tempfile
from pathlib import Path

import routeopt as ro

TEXT = """\
routeopt: 1
name: juba
units: {flow: kb/d}
nodes:
  paloch: {kind: field, output: 100 kb/d, country: SS}
  unity: {kind: field, output: 50 kb/d, country: SS}
  port-sudan: {kind: market, price: 70 USD/bbl, country: SD}
legs:
  petrodar: {from: paloch, to: port-sudan, capacity: 300 kb/d, tariff: 24 USD/bbl, countries: [SD]}
  gnop: {from: unity, to: port-sudan, capacity: 250 kb/d, tariff: 24 USD/bbl, countries: [SD]}
"""

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "juba.yaml"

    path.write_text(TEXT.replace("capacity: 300", "capcity: 300"), encoding="utf-8")
    try:
        ro.load(path)
    except ro.InputError as error:
        problem = error.problems[0]
        print(f"An error is reported with its place: line {problem.line}, column {problem.column}: "
              f"{problem.message}; {problem.hint}")  # fmt: skip

    path.write_text(TEXT, encoding="utf-8")
    system = ro.load(path)

base = ro.allocate(system)
hit = ro.allocate(system, close=["petrodar"])
print(ro.compare(base, hit))
share = hit.exported / base.exported
print(f"With Petrodar closed, {hit.exported:.0f} of {base.exported:.0f} {base.flow_unit} are exported, {share:.0%}.")
