"""Compilation of loops over events and pseudo-experiments, with the machine code kept on disk."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function at its first call, with IEEE arithmetic (no fast-math) on one thread.

    Numba decides from the time stamp of a function's own file whether the kept code is current: compiled
    functions must therefore call compiled functions, and name constants, of the same file only.
    """
    return _compile(function, fastmath=False)


def compiled_reordering(function: F) -> F:
    """Compile as `compiled` does, but let sums be taken in another order and products be fused into them.

    A division by zero gives infinity, as in NumPy.
    """
    return _compile(function, fastmath={"reassoc", "contract"}, error_model="numpy")


def _compile(function: F, **options: Any) -> F:
    try:
        return cast(F, njit(cache=True, **options)(function))
    except RuntimeError:
        # There is no folder to keep machine code in: neither NUMBA_CACHE_DIR, nor beside the file, nor at home.
        return cast(F, njit(**options)(function))
