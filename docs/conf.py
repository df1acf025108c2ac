"""How the documentation is built: `sphinx-build -W docs build/docs`. Nothing in it is loaded from a network."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent / "src")]

from routeopt import __version__  # noqa: E402

project = "routeopt"
author = "The routeopt founders"
copyright = "the routeopt founders, MIT licence"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "executed", "mathml", "properties", "records"]
exclude_patterns = ["_ext"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

default_role = "py:obj"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
napoleon_use_rtype = False
napoleon_use_ivar = True
# Public names must resolve; what a docstring calls by a short name, inner places and other libraries need not.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!routeopt\.).*"), ("py:.*", r"routeopt\.[a-z_]+\.[\w.]+|routeopt\.units")]
# Several results have an attribute `name`; a list of attributes that says so links to none of them.
suppress_warnings = ["ref.python"]

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = f"routeopt {version}"
html_static_path = ["_static"]
html_css_files = ["routeopt.css"]
html_copy_source = False
html_show_sphinx = False
