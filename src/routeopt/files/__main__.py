"""``python -m routeopt.files`` writes the published JSON Schemas again."""

from routeopt.files.schema import write_schemas

for path in write_schemas():
    print(path)
