"""Which machine code did the sums: libraries choose it by processor, and last digits follow the choice.

Measured on one processor by switching kernels (tiny scan of `alp_3gamma_belle2`, 250 cells of `limits.csv`): OpenBLAS
for Haswell or Prescott in place of SkylakeX changes 103 or 93 cells by at most 3e-15, NumPy without AVX-512 119 cells
by at most 4e-13; Numba for another processor changes none. `./run` therefore pins OpenBLAS; NumPy stays as it is,
because its exponential takes four times as long without AVX-512.
"""

import ctypes
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

#: Names of OpenBLAS's function that tells its kernel, in the builds of numpy, scipy and Debian.
_KERNEL_FUNCTIONS = (
    "scipy_openblas_get_corename64_",
    "scipy_openblas_get_corename",
    "openblas_get_corename64_",
    "openblas_get_corename",
)


@cache
def in_use() -> dict[str, str]:
    """Kernels of OpenBLAS that are loaded, and the last vector extension that NumPy uses.

    Two processors for which these are equal give equal results as far as it depends on them.
    """
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    vectors = (simd.get("found") or simd["baseline"])[-1]
    return {"blas": ", ".join(sorted(set(_kernels()))) or "unknown", "numpy": str(vectors)}


@cache
def processor() -> str:
    """Name of the processor, or `unknown`."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return name[1].strip() if name else "unknown"


def _kernels() -> Iterator[str]:
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    except OSError:
        return
    for library in sorted(set(re.findall(r"/.*openblas.*\.so.*", maps))):
        loaded = ctypes.CDLL(library)
        for name in _KERNEL_FUNCTIONS:
            if hasattr(loaded, name):
                function = getattr(loaded, name)
                function.restype = ctypes.c_char_p
                yield function().decode()
                break
