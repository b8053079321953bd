"""Names and values as MLflow takes them. Different ones stay different, and the same one is always written alike."""

import math
import re

from study.space.cell_key import digest

_FORBIDDEN = re.compile(r"[^\w\-. :]|^\.")
"""Characters that MLflow forbids in the names of metrics, params and tags, and `/`, which some servers forbid too.

A name that begins with a dot may look like a folder.
"""
LONGEST_NAME = 250
"""Characters of the longest name that MLflow takes."""
_LONGEST_SECTION = 120
_DIGITS = 8


def mlflow_name(name: str) -> str:
    """Returns a name that MLflow accepts. A name that had to be changed ends in some digits of its digest."""
    allowed = _FORBIDDEN.sub("_", name)
    if allowed == name and len(name) <= LONGEST_NAME:
        return name
    return f"{allowed[: LONGEST_NAME - _DIGITS - 1]}-{digest(name)[:_DIGITS]}"


def in_section(section: str, name: str) -> str:
    """Returns the name of a metric in a section of MLflow's pages, from two names that MLflow accepts.

    All metrics of a section have the same beginning, also if the names are too long together.
    """
    if len(whole := f"{section}/{name}") <= LONGEST_NAME:
        return whole
    begin = _cut(section, most=_LONGEST_SECTION)
    return f"{begin}/{_cut(name, most=LONGEST_NAME - len(begin) - 1)}"


def _cut(name: str, *, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - _DIGITS - 1]}-{digest(name)[:_DIGITS]}"


def point_name(point: str) -> str:
    """Returns the name of a point, such as `depth:3 pooling:max`, because MLflow takes no `=` in a metric's name."""
    name = point.replace("=", ":")
    return name if ":" not in point and mlflow_name(name) == name else mlflow_name(point)


def shortened(text: str, *, most: int) -> str:
    """Returns a text of at most `most` characters. A longer one ends in some digits of its digest."""
    return text if len(text) <= most else f"{text[: most - _DIGITS - 2]}… {digest(text)[:_DIGITS]}"


def milliseconds(seconds: float) -> int:
    """Returns a time in seconds since 1970 as MLflow takes it: not before 1970, to where a clock may jump."""
    return max(0, int(seconds * 1000))


def six_digits(value: float) -> float:
    """Returns a number with six significant digits, which MLflow shows in full. A whole number stays as it is."""
    return value if not math.isfinite(value) or value == int(value) else float(f"{value:.6g}")
