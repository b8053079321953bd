"""Search-space files to change a line of, and what is said of them."""

from pathlib import Path
from typing import Any

import pytest

from study.errors import SearchSpaceError
from study.space.factor import Range
from study.space.search_space import SearchSpace
from study.space.toml_file import read

PLAIN = """\
task = "tests.toy_task:task"
seeds = 2

[objective]
metric = "val_acc"
direction = "maximize"

[baseline]
width = 8

[factors]
depth = [1, 3, 5]
pooling = ["max", "mean"]

[design]
kind = "ablation"

[fidelity]
epochs = 2
"""
SWEEP = PLAIN.replace("seeds = 2\n", "").replace('kind = "ablation"', 'kind = "sweep"\ntrials = 4')
TWO = (
    '[objective]\nmetric = "val_acc"\ndirection = "maximize" -> [[objective]]\nmetric = "val_acc"\n'
    'direction = "maximize"\n[[objective]]\nmetric = "flops"\ndirection = "minimize"'
)
ONE_SEED = "asks for a test, which one seed does not allow; give {} of at least 2, better 5"


def edited(text: str, *changes: str) -> str:
    """A text with lines replaced, each change `old -> new`, or added where there is no old."""
    for change in changes:
        old, _, new = change.rpartition(" -> ")
        assert old in text, old
        text = text.replace(old, new, 1) if old else f"{new}\n{text}"
    return text


def written(folder: Path, text: str | bytes, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def problems(path: Path) -> list[str]:
    """What is wrong with a file, without its name, by which every line begins."""
    with pytest.raises(SearchSpaceError) as caught:
        read(path)
    found = str(caught.value).split("\n")
    assert all(line.startswith(f"{path}: ") for line in found), found
    return [line.removeprefix(f"{path}: ") for line in found]


def levels(space: SearchSpace) -> dict[str, tuple[Any, ...] | Range]:
    return {factor.name: factor.levels for factor in space.factors}
