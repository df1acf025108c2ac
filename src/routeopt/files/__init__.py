"""Files in and out: YAML with positions, JSON Schema, and the data that come with the library."""

from routeopt.files.atomic import write_text
from routeopt.files.bundled import bundled_systems
from routeopt.files.loading import load, load_scenarios
from routeopt.files.schemas import schema
from routeopt.files.write import to_yaml

__all__ = ["bundled_systems", "load", "load_scenarios", "schema", "to_yaml", "write_text"]
