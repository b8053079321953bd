"""`study status`."""

import json
from pathlib import Path

from tests.conftest import SMOKE, SMOKE_COUNTS, study


def test_status_counts_add_up(smoke: tuple[Path, str], tmp_path: Path) -> None:
    status = json.loads(study("status", "smoke", "--json", "--store", str(smoke[0])))
    assert status == {"study": "smoke", "cells": 8, **SMOKE_COUNTS}
    by_file = json.loads(study("status", SMOKE, "--json", "--store", str(tmp_path)))
    assert by_file == {"study": "smoke", "cells": 8, **dict.fromkeys(SMOKE_COUNTS, 0), "missing": 8}
    assert "8 complete" in study("status", SMOKE, "--store", str(smoke[0]))
