"""Data that are made otherwise while a study has results: their trials do not count, and nothing is trained on them."""

from dataclasses import replace
from pathlib import Path

from tests.faults.ballistics import space
from tests.faults.site import Site
from tests.toy_task import POOLING

SPACE = space(POOLING, seeds=(0,))
OTHER = ("--function", "tests.faults.trial:on_other_data")


def test_other_data_end_the_run_before_any_epoch_and_nothing_is_lost(tmp_path: Path) -> None:
    Site(tmp_path, SPACE).run()
    site = Site(tmp_path, replace(SPACE, seeds=(0, 1)))
    epochs, there = site.work.epochs, site.counts()["complete"]
    errors = site.run(*OTHER, status=2)
    ours, theirs = "f" * 12, "0" * 12
    assert errors == (
        f"study 'played': a trial does not count, because its data are not the study's: toy-0123 has the fingerprint "
        f"{theirs}…, but {ours}… here; data() made other data than before: seed every generator in it, or give the "
        "file another `name` if what it reads has changed\n"
    )
    assert site.work.epochs == epochs
    assert site.counts() == {"complete": there, "missing": there}
    assert site.run() == ""
    assert site.counts() == {"complete": 2 * there}
    assert not site.reasons()
