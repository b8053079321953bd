"""The names and options of figures on the command line. Imports no drawing library: `study --help` reads them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

StyleName = Literal["paper", "slide", "dark"]
STYLES: tuple[StyleName, ...] = get_args(StyleName)
FORMATS = (".png", ".svg", ".pdf")
"""The kinds of file that a figure may be saved as."""
KINDS = (
    "depth",
    "damage",
    "factors",
    "curves",
    "ablation",
    "heatmap",
    "interaction",
    "positions",
    "confusion",
    "saliency",
    "cost",
    "trace",
    "importance",
    "path",
    "claims",
)
"""Every figure, in the order in which they are drawn."""
Options = Mapping[str, Mapping[str, Any]]
"""Arguments: name → what argparse needs to know."""
COMMON: Options = {
    "--metric": {"metavar": "METRIC", "help": "draw this metric in place of the objective"},
    "--style": {
        "choices": STYLES,
        "default": "paper",
        "help": "paper: dark on white; slide: large letters, 16 to 9 if panels stand in one row; dark: light on black "
        "(%(default)s)",
    },
    "--no-caption": {"dest": "caption", "action": "store_false", "help": "leave out the small print below the figure"},
}
"""Options of every figure."""
OUT: Options = {"--out": {"type": Path, "metavar": f"FILE{'|'.join(FORMATS)}", "help": "the file to write"}}
OWN: Options = {
    "--factor": {"metavar": "FACTOR", "help": "factors, saliency: draw this one alone"},
    "--factors": {"nargs": 2, "metavar": "FACTOR", "help": "heatmap, interaction: draw these two alone"},
    "--to": {"type": float, "metavar": "LEVEL", "help": "interaction: extend the lines to this level"},
    "--point": {
        "action": "append",
        "metavar": "POINT",
        "help": "saliency: draw this point, as in conv_depth=2; give it several times to compare",
    },
    "more": {
        "nargs": "*",
        "default": (),
        "metavar": "MORE",
        "help": "claims: further studies; path: its further steps",
    },
}
"""Options of one figure each."""
