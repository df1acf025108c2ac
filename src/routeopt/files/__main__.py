"""``python -m routeopt.files`` writes the published JSON Schemas again."""

from routeopt.files.schemas import write_schemas

for path in write_schemas():
    print(path)
