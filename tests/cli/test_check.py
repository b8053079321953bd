"""`study check`."""

import json

from tests.conftest import SMOKE, study


def test_check_says_what_would_run() -> None:
    out = study("check", SMOKE)
    assert "smoke.toml is valid" in out
    assert "8 cells: 4 points, each on seeds 0, 1" in out
    assert "\n  conv_depth=1\n" in out
    assert json.loads(study("check", SMOKE, "--json"))["points"][:2] == ["baseline", "conv_depth=1"]
