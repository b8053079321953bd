"""A margin that nothing could exceed is refused by `study check`."""

from pathlib import Path

import pytest

from study import cli
from tests.conftest import ROOT

SPACE = """
task = "qr_digits"
seeds = 5
margin = {margin}
objective = {{ metric = "{metric}", direction = "maximize" }}
design = {{ kind = "ablation" }}
[factors]
width = [256, 8]
"""


@pytest.mark.parametrize(
    ("metric", "margin", "status"), [("val_acc", 3, 2), ("val_acc", 0.03, 0), ("val_acc", 1, 2), ("val_loss", 3, 0)]
)
def test_a_margin_beyond_a_share_is_refused(
    metric: str, margin: float, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.toml").write_text(SPACE.format(metric=metric, margin=margin), encoding="utf-8")
    assert cli.main(["check", str(tmp_path / "new.toml"), "--store", str(tmp_path)]) == status
    refusal = f"new.toml: margin: {margin:g} is wider than the range of {metric}, 0 to 1; 3 % is written as 0.03"
    assert (refusal in capsys.readouterr().err) == (status == 2)


def test_a_margin_beyond_all_results_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = ROOT / "tests" / "samples"
    text = (
        (samples / "sample_dose.toml").read_text(encoding="utf-8").replace('metric = "val_acc"', 'metric = "val_loss"')
    )
    lines = [line for line in text.splitlines() if not line.startswith("margin")]
    (tmp_path / "sample_dose.toml").write_text("\n".join(["margin = 100.0", *lines]), encoding="utf-8")
    assert cli.main(["check", str(tmp_path / "sample_dose.toml"), "--store", str(samples / "store")]) == 2
    assert "margin: 100 is wider than all results of val_loss so far" in capsys.readouterr().err
