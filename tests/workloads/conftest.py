"""What the workloads share: the model file that one of them takes apart."""

import pytest

from tests.workloads.saved_model import make_saved_model


@pytest.fixture(autouse=True, scope="session")
def _saved_model(tmp_path_factory: pytest.TempPathFactory) -> None:
    make_saved_model(tmp_path_factory.getbasetemp())
