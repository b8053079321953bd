"""The table of what of `fit` is taken names every argument, and workloads that try it."""

import inspect
import re

from tests.conftest import ROOT
from tests.workloads.test_quick import WORKLOADS

PAGE = (ROOT / "study" / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", PAGE.partition("### What of `fit` is taken")[2], re.MULTILINE)
ROWS = ROWS[: [first for first, _, _ in ROWS].index("`verbose`") + 1]


def test_every_argument_of_fit_stands_in_the_table() -> None:
    import keras

    named = re.findall(r"`(\w+)`", " ".join(first for first, _, _ in ROWS))
    assert sorted(named) == sorted(["fit", *list(inspect.signature(keras.Model.fit).parameters)[1:]])


def test_each_row_names_workloads_that_exist() -> None:
    tried = re.findall(r"`(\w+)`", " ".join(last for _, _, last in ROWS))
    assert set(tried) <= set(WORKLOADS)
