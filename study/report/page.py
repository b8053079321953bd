"""A report as a page: one file of HTML that asks the network for nothing, or Markdown."""

from base64 import b64encode
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from study.report.parts import Report
from study.space.printable import printable_cell


def html_page(report: Report) -> str:
    """Returns the report as one file of HTML: light or dark as the reader's system is, and printable."""
    return _environment(escaped=True).get_template("report.html").render(report=report)


def markdown_page(report: Report) -> str:
    """Returns the report as Markdown, without its figures, but with the commands that draw them."""
    return _environment(escaped=False).get_template("report.md").render(report=report)


@cache
def _environment(*, escaped: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("study.report", "templates"),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"data_address": _data_address, "cell": printable_cell}
    return environment


def _data_address(svg: str) -> str:
    """Returns an image as an address that holds all of it. So the names inside two images cannot meet."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
