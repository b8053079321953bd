"""`study list`."""

import json
from pathlib import Path

from tests.conftest import SMOKE_COUNTS, study


def test_list_names_every_study(smoke: tuple[Path, str], tmp_path: Path) -> None:
    assert json.loads(study("list", "--json", "--store", str(smoke[0]))) == {
        "studies": [{"study": "smoke", "cells": 8, **SMOKE_COUNTS}]
    }
    assert "holds no study yet" in study("list", "--store", str(tmp_path))
