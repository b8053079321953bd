"""`study plan`, and what it says about detectable effects."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from study.cli.plan import detectable_effect
from study.inference.power import detectable
from study.space.toml_file import read
from tests.conftest import ROOT, SMOKE, study


def test_plan_gives_sizes_and_times_of_every_model(tmp_path: Path) -> None:
    begin = time.monotonic()
    made = json.loads(study("plan", SMOKE, "--json", "--store", str(tmp_path)))
    assert time.monotonic() - begin < 120
    assert (made["study"], made["cells"]) == ("smoke", 8)
    models = {model["label"]: model for model in made["models"]}
    assert list(models) == ["baseline", "conv_depth=1", "width=2", "pooling=global_average"]
    assert models["baseline"]["parameters"] == 504
    assert models["baseline"]["flops"] == 2 * (9 * 4 * 441 + 9 * 16 * 441 + 6 * 40)
    assert all(0 < model["seconds"] < 300 for model in models.values())
    assert made["detectable"] == pytest.approx(detectable(seeds=2, variants=3, method="welch"))
    assert list(tmp_path.iterdir()) == []


def test_a_plan_promises_in_points_once_there_are_cells(smoke: tuple[Path, str], tmp_path: Path) -> None:
    space = read(ROOT / SMOKE)
    before, after = detectable_effect(space, tmp_path), detectable_effect(space, smoke[0])
    assert re.fullmatch(r"3 variants on 2 seeds: .* from [\d.]+ standard deviations of a point's seeds on", before)
    assert re.search(
        r"from [\d.]+ in val_acc \([\d.]+ standard deviations of a point's seeds, [\d.]+ so far\) on", after
    )
    assert "can never find an effect" in detectable_effect(replace(space, seeds=(0,)), tmp_path)
    paired = detectable_effect(replace(space, comparison="paired"), smoke[0])
    assert "standard deviations of the pairs' differences" in paired
