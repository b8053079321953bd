"""What decides which kernels compute, and with it the last bits: the processor, and variables of the environment."""

import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path

_READ_BY_KERNELS = re.compile(
    r"(TF|XLA|ONEDNN|DNNL|CUBLAS|CUDNN|JAX|KERAS|OMP|MKL|OPENBLAS)_\w+|NVIDIA_TF32_OVERRIDE|STUDY_BATCH_NORM"
)
_CHANGES_NO_NUMBER = re.compile(
    # What a library prints, where it keeps files, and how it takes memory.
    r"TF_CPP_\w+|TF_FORCE_GPU_ALLOW_GROWTH|TF_GPU_ALLOCATOR|XLA_PYTHON_CLIENT_\w+|JAX_TRACEBACK_\w+|JAX_LOG\w+"
    r"|JAX_COMPILATION_CACHE\w*|KERAS_HOME|OMP_DISPLAY_\w+|OMP_PLACES|OMP_PROC_BIND"
    # What every trial sets itself, and what a trial records under a name of its own.
    r"|TF_NUM_INT(RA|ER)OP_THREADS|(OMP|OPENBLAS|MKL)_NUM_THREADS|KERAS_BACKEND|JAX_PLATFORMS|JAX_PLATFORM_NAME"
    r"|KERAS_MAX_EPOCHS|KERAS_MAX_STEPS_PER_EPOCH|TF_CONFIG"
    # Terraform's, some of which are secret.
    r"|TF_(CLI|VAR|LOG|TOKEN|REGISTRY|PLUGIN|CLOUD|STATE|WORKSPACE|DATA_DIR|INPUT|IN_AUTOMATION|IGNORE|REATTACH)\w*"
)
_HARMLESS_FLAG = re.compile(r"--xla_dump_\S*|--xla_cpu_multi_thread_eigen=false")
"""Flags of XLA_FLAGS: what is written to files, and what one thread implies."""
_INSTRUCTIONS = re.compile(r"avx\w*|fma|amx\w*|asimd|sve\w*|bf16|i8mm")


def kernel_variables() -> dict[str, str]:
    """Returns the variables of this process's environment that may change the numbers of a trial, by name."""
    given = {name: _without_harmless_flags(name, value) for name, value in sorted(os.environ.items())}
    return {name: value for name, value in given.items() if value and _counts(name)}


def _counts(name: str) -> bool:
    return bool(_READ_BY_KERNELS.fullmatch(name)) and not _CHANGES_NO_NUMBER.fullmatch(name)


def _without_harmless_flags(name: str, value: str) -> str:
    return " ".join(_HARMLESS_FLAG.sub("", value).split()) if name == "XLA_FLAGS" else value


def processor() -> str:
    """Returns the model of the processor and its instructions for vectors, by which libraries choose their kernels."""
    file = Path("/proc/cpuinfo")
    return describe_processor(file.read_text(encoding="utf-8", errors="replace") if file.is_file() else "")


def describe_processor(text: str) -> str:
    """Returns the description of the first processor in the text of /proc/cpuinfo."""
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    facts = {name.strip(): value.strip() for name, _, value in lines}
    model = facts.get("model name") or facts.get("CPU part") or platform.machine()
    instructions = [word for word in _words(facts, "flags", "Features") if _INSTRUCTIONS.fullmatch(word)]
    return " ".join([model, *_number(facts), *instructions])


def _number(facts: Mapping[str, str]) -> list[str]:
    """Returns the family and number of the model, because a virtual machine may hide its name."""
    return [f"{facts['cpu family']}/{facts['model']}"] if {"cpu family", "model"} <= facts.keys() else []


def _words(facts: Mapping[str, str], *names: str) -> list[str]:
    return sorted({word for name in names for word in facts.get(name, "").split()})
