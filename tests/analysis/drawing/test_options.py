"""The options of figures: both command lines have them, and reading them loads no drawing library."""

import subprocess
import sys

from analysis.drawing import options
from analysis.figures import SCRIPTS


def test_every_figure_is_named_and_has_its_options() -> None:
    assert tuple(script.name for script in SCRIPTS) == options.KINDS
    assert {name for script in SCRIPTS for name in script.options} == set(options.OWN)


def test_they_load_no_drawing_library() -> None:
    lines = "import sys, analysis.drawing.options; print({'matplotlib', 'numpy', 'pandas'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "set()\n"
