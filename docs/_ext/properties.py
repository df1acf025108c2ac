"""Properties and attributes are described in sentences: what stands before a colon in the first is no type.

Napoleon reads ``word: description`` there, which is another convention, and leaves sections such as Raises as they are.
"""

from sphinx.ext.napoleon.docstring import GoogleDocstring

_made = GoogleDocstring.__init__


def _init(self, docstring, config=None, app=None, what="", *rest, **more):
    described = "method" if what in ("property", "attribute", "data") else what
    _made(self, docstring, config, app, described, *rest, **more)


def setup(app):
    GoogleDocstring.__init__ = _init
    return {"parallel_read_safe": True, "parallel_write_safe": True}
