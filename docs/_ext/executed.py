"""Runs the Python blocks of a page in order and puts below each what it prints, returns or draws.

Nothing that a page shows as a result is typed: a number that changes in the data changes on the page. A block that
fails is a warning, and warnings are errors. The directive ``picture`` is a block whose last line is a figure: its
content is the code, its argument says in words what is to be seen.
"""

import ast
import contextlib
import html
import io
import math
import os
import tempfile
import textwrap
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

log = logging.getLogger(__name__)
ROWS, WIDTH = 12, 92
"""Rows of a frame that are shown, and characters after which a printed sentence goes on in the next line."""


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
    parts = [_text(printed.rstrip())] if printed.strip() else []
    if value is not None:
        frame = value.to_frame() if hasattr(value, "to_frame") else value
        if hasattr(frame, "iterrows"):
            parts.append(_table(frame))
        else:
            parts.append(_text(value if isinstance(value, str) else repr(value)))
    return "".join(parts)


def _text(text):
    """Printed text. Sentences are broken; what has columns is not, and scrolls."""
    lines = []
    for line in text.splitlines():
        sentence = len(line) > WIDTH and "  " not in line.strip()
        lines += textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False) if sentence else [line]
    return f'<div class="scroll"><pre>{html.escape(chr(10).join(lines))}</pre></div>'


def _table(frame):
    words = [frame[name].dtype.kind not in "fiu" for name in frame.columns]
    heads = "".join(f'<th class="text">{html.escape(str(name or ""))}</th>' for name in frame.index.names)
    heads += "".join(_tag("th", word, html.escape(str(n))) for n, word in zip(frame.columns, words, strict=True))
    rows = []
    for key, row in frame.head(ROWS).iterrows():
        index = "".join(f"<th>{_cell(part)}</th>" for part in (key if isinstance(key, tuple) else (key,)))
        cells = "".join(_tag("td", word, _cell(value)) for value, word in zip(row, words, strict=True))
        rows.append(f"<tr>{index}{cells}</tr>")
    more = f'<div class="more">{len(frame) - ROWS:,} more rows</div>' if len(frame) > ROWS else ""
    head, body = f"<thead><tr>{heads}</tr></thead>", f"<tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table>{head}{body}</table></div>{more}'


def _tag(tag, is_words, inner):
    return f'<{tag} class="text">{inner}</{tag}>' if is_words else f"<{tag}>{inner}</{tag}>"


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
