"""Provenance tells which kernels did the sums, as they are chosen when the process starts."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from umbra.core import arithmetic, provenance

x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="kernels of x86 processors")


def in_use(project: Path, **environment: str) -> str:
    """Return what a process with these variables says of itself."""
    return subprocess.run(
        [sys.executable, "-c", "from umbra.core import arithmetic; print(arithmetic.in_use())"],
        env=os.environ | {"PYTHONPATH": str(project / "workflow/scripts")} | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@x86
def test_the_kernel_of_openblas_is_the_one_that_was_asked_for(project: Path) -> None:
    assert "'blas': 'Nehalem'" in in_use(project, OPENBLAS_CORETYPE="Nehalem")


@x86
def test_the_vectors_of_numpy_are_those_that_are_left(project: Path) -> None:
    found = {"SSE42", "AVX2"}
    off = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
    said = in_use(project, NPY_DISABLE_CPU_FEATURES=off)
    assert any(f"'numpy': '{name}'" in said for name in found)


def test_the_stamp_of_a_result_has_them() -> None:
    assert provenance.stamp({}, "code")["arithmetic"] == arithmetic.in_use()
    assert set(arithmetic.in_use()) == {"blas", "numpy"}


def test_the_processor_has_a_name() -> None:
    assert arithmetic.processor()
