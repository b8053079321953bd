"""What a worker takes from a node, and an error that says how to get Ray. `test_ray` connects to real clusters."""

import os
import sys
from typing import Any
from unittest import mock

import pytest

from study.engines.ray_cluster import Slot, connect
from study.errors import StudyError


@pytest.mark.parametrize(
    ("slot", "resources", "number"),
    [
        (Slot(), {"CPU": 3.0}, 3),
        (Slot(threads=2), {"CPU": 3.0, "GPU": 1.0}, 1),
        (Slot(gpus=0.1), {"CPU": 16.0, "GPU": 1.0}, 10),
        (Slot(gpus=2), {"CPU": 16.0, "GPU": 5.0}, 2),
        (Slot(gpus=1), {"CPU": 16.0}, 0),
    ],
)
def test_a_node_holds_what_its_cores_and_gpus_allow(slot: Slot, resources: dict[str, float], number: int) -> None:
    assert slot.fits(resources) == number


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"gpus": -1}, {"gpus": 1.5}])
def test_a_slot_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(StudyError, match="at least 1 thread"):
        Slot(**wrong)


def test_without_ray_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        mock.patch.dict(os.environ),
        pytest.raises(StudyError, match=r"need Ray \(.*ray.*\): pip install 'keras-study\[ray\]'$"),
    ):
        connect(None, cores=1)
