"""`study plan`."""

import json
import time
from pathlib import Path

import pytest

from study.inference.power import detectable
from tests.conftest import SMOKE, study


@pytest.mark.slow
@pytest.mark.slow
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
