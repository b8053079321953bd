"""What chooses the kernels is described: the processor by its instructions, and the variables that count."""

import os

import pytest

from study.training.kernels import describe_processor, kernel_variables, processor

X86 = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 1
model name\t: AMD EPYC 7763 64-Core Processor
flags\t\t: fpu sse2 avx2 fma avx aes

processor\t: 1
model name\t: another
flags\t\t: avx512f
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd sve2 bf16\nCPU part\t: 0xd40\n"


@pytest.mark.parametrize(
    ("text", "description"),
    [(X86, "AMD EPYC 7763 64-Core Processor 25/1 avx avx2 fma"), (ARM, "0xd40 asimd bf16 sve2")],
)
def test_a_processor_is_described_by_its_model_and_instructions(text: str, description: str) -> None:
    assert describe_processor(text) == description


def test_a_processor_is_always_described() -> None:
    assert describe_processor("")
    assert processor()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in kernel_variables():
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    "name",
    [
        "TF_ENABLE_ONEDNN_OPTS",
        "TF_XLA_FLAGS",
        "ONEDNN_MAX_CPU_ISA",
        "NVIDIA_TF32_OVERRIDE",
        "CUBLAS_WORKSPACE_CONFIG",
        "JAX_ENABLE_X64",
        "JAX_DEFAULT_MATMUL_PRECISION",
        "KERAS_NNX_ENABLED",
        "OMP_DYNAMIC",
        "MKL_CBWR",
        "STUDY_BATCH_NORM",
    ],
)
def test_what_may_change_numbers_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert kernel_variables() == {name: "1"}
    monkeypatch.setenv(name, "")
    assert kernel_variables() == {}


@pytest.mark.parametrize(
    "name",
    [
        "TF_CPP_MIN_LOG_LEVEL",
        "TF_NUM_INTRAOP_THREADS",
        "OMP_NUM_THREADS",
        "KERAS_BACKEND",
        "KERAS_HOME",
        "HOME",
        "TF_VAR_password",
        "TF_TOKEN_app_terraform_io",
        "TF_CLI_CONFIG_FILE",
        "XLA_PYTHON_CLIENT_PREALLOCATE",
    ],
)
def test_what_changes_none_or_is_known_otherwise_does_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert kernel_variables() == {}
    assert os.environ[name] == "1"


def test_flags_that_write_files_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/tmp/a --xla_cpu_multi_thread_eigen=false")
    assert kernel_variables() == {}
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/tmp/a --xla_cpu_enable_fast_math=true")
    assert kernel_variables() == {"XLA_FLAGS": "--xla_cpu_enable_fast_math=true"}
