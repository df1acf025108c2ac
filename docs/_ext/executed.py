"""Runs the Python blocks of a page in order and puts below each what it prints, returns or draws.

Nothing that a page shows as a result is typed: a number that changes in the data changes on the page. A block that fails is a
warning, and warnings are errors. The directive ``picture`` is a block whose last line is a figure; its content is the code, its
argument says in words what is to be seen. Pages with blocks that only show how something is done are run as well.
"""

import ast
import contextlib
import html
import io
import math
import os
import tempfile
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

log = logging.getLogger(__name__)
ROWS = 12


class Picture(SphinxDirective):
    """A block of code and the figure that it draws."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        text = "\n".join(self.content)
        block = nodes.literal_block(text, text, language="python", picture=self.arguments[0])
        self.set_source_info(block)
        return [block]


def run_blocks(app, doctree):
    """Run what stands on a page, with one set of names for the page."""
    if Path(doctree["source"]).suffix != ".md":
        return
    names = {"__name__": "block"}
    for count, block in enumerate(list(doctree.findall(nodes.literal_block))):
        if block.get("language") != "python":
            continue
        caption = block.get("picture")
        try:
            printed, value = _run(block.astext(), names)
            shown = _picture(app, value, caption, f"{app.env.docname}-{count}") if caption else _shown(printed, value)
        except Exception as error:  # whatever a block raises is a fault of the page
            log.warning("this block raises %s: %s", type(error).__name__, error, location=block)
            continue
        if shown:
            place = block.parent.index(block)
            block.parent.insert(place + 1, nodes.raw("", f'<div class="output">{shown}</div>', format="html"))


def _run(code, names):
    """What a block prints, and the value of its last line if that is an expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value, home = io.StringIO(), None, os.getcwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        os.chdir(folder)
        try:
            exec(compile(tree, "block", "exec"), names)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), "block", "eval"), names)
        finally:
            os.chdir(home)
    return printed.getvalue(), value


def _shown(printed, value):
    parts = [f"<pre>{html.escape(printed.rstrip())}</pre>"] if printed.strip() else []
    if value is not None:
        frame = value.to_frame() if hasattr(value, "to_frame") else value
        if hasattr(frame, "iterrows"):
            parts.append(_table(frame))
        else:
            parts.append(f"<pre>{html.escape(str(value) if isinstance(value, str) else repr(value))}</pre>")
    return "".join(parts)


def _table(frame):
    heads = "".join(f"<th>{html.escape(str(name or ''))}</th>" for name in (*frame.index.names, *frame.columns))
    rows = []
    for key, row in frame.head(ROWS).iterrows():
        index = "".join(f"<th>{_cell(part)}</th>" for part in (key if isinstance(key, tuple) else (key,)))
        cells = "".join(f'<td class="{"text" if isinstance(v, str | tuple) else ""}">{_cell(v)}</td>' for v in row)
        rows.append(f"<tr>{index}{cells}</tr>")
    more = f'<div class="more">{len(frame) - ROWS:,} more rows</div>' if len(frame) > ROWS else ""
    return (f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
            f"{more}")  # fmt: skip


def _cell(value):
    if isinstance(value, tuple | list):
        return html.escape(" + ".join(map(str, value)))
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:,.4g}"
    return html.escape(str(value))


def _picture(app, axes, caption, name):
    """Save a figure beside the pages."""
    from matplotlib import pyplot

    folder = Path(app.outdir) / "_images"
    folder.mkdir(parents=True, exist_ok=True)
    figure = axes.figure
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)
    words = html.escape(caption)
    return f'<img src="_images/{name}.svg" alt="{words}"><div class="more">{words}</div>'


def setup(app):
    os.environ.setdefault("MPLBACKEND", "Agg")
    app.add_directive("picture", Picture)
    app.connect("doctree-read", run_blocks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
