"""The size of a model that is built for it, on the task's own data."""

from dataclasses import replace

import pytest

from study.space.toml_file import read
from study.training.built_size import built_size
from tests.conftest import ROOT


@pytest.mark.slow
def test_parameters_and_flops_are_those_of_the_model() -> None:
    baseline = read(ROOT / "search_spaces" / "qr_quick.toml").config({}, seed=0)
    assert built_size(baseline, "parameters") == 11_676
    one = {"conv_depth": 1, "width": 184}
    matched = read(ROOT / "search_spaces" / "qr_depth_matched.toml").config(one, seed=0)
    assert built_size(matched, "parameters") == 25_820
    wider = replace(baseline, settings={**baseline.settings, "width": 32})
    assert (built_size(wider, "flops") or 0) > 3 * (built_size(baseline, "flops") or 0) > 0
