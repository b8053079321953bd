"""Styles: each stands out from its ground, and is used only as long as it is asked for."""

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb

from analysis.drawing.options import STYLES, StyleName
from analysis.drawing.style import STYLED, style, styled


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2, from 0 for black to 1 for white."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", STYLES)
def test_letters_and_marks_stand_out_from_the_ground(name: StyleName) -> None:
    look = STYLED[name]
    assert min(contrast(colour, look.ground) for colour in (look.ink, look.small_print)) > 4.5
    assert min(contrast(colour, look.ground) for colour in (look.grey, look.blue, look.red, look.helps, look.hurts)) > 3


@pytest.mark.parametrize("name", STYLES)
def test_what_helps_and_what_hurts_differ_without_colour(name: StyleName) -> None:
    look = STYLED[name]
    assert contrast(look.helps, look.hurts) > 1.5


def test_a_style_is_used_as_long_as_it_is_asked_for() -> None:
    before = mpl.rcParams["text.color"]
    with styled("dark"):
        assert style() is STYLED["dark"]
        assert mpl.rcParams["text.color"] == STYLED["dark"].ink
    assert style() is STYLED["paper"]
    assert mpl.rcParams["text.color"] == before
