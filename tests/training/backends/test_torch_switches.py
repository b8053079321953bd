"""PyTorch, which this project does not need, is put back if a task has loaded it."""

import sys
from types import SimpleNamespace

import pytest

from study.engines.process_state import ProcessState
from study.training.backends.torch_switches import TORCH_SWITCHES


class Torch(SimpleNamespace):
    """The functions of PyTorch that count here."""

    def __init__(self) -> None:
        self.state = {"dtype": "torch.float64", "threads": 7, "deterministic": True, "grad": False}
        super().__init__(float32="torch.float32")
        for read, write, name in (
            ("get_default_dtype", "set_default_dtype", "dtype"),
            ("get_num_threads", "set_num_threads", "threads"),
            ("are_deterministic_algorithms_enabled", "use_deterministic_algorithms", "deterministic"),
            ("is_grad_enabled", "set_grad_enabled", "grad"),
        ):
            setattr(self, read, lambda name=name: self.state[name])
            setattr(self, write, lambda value, name=name: self.state.update({name: value}))


def test_a_pytorch_that_a_task_loads_and_changes_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("study.engines.process_state.forget_user_modules", lambda: None)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    state = ProcessState(TORCH_SWITCHES)
    assert state.restore() == []
    torch = Torch()
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert state.restore() == []
    assert torch.state == {"dtype": "torch.float32", "threads": 2, "deterministic": False, "grad": True}
