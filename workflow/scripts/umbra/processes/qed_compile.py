"""Compilation of the event loops of the QED processes."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function at its first call and keep the machine code on disk.

    Numba decides from the time stamp of a function's own file whether the kept code is current: compiled
    functions must therefore call compiled functions of the same file only. IEEE arithmetic (no fast-math) on
    one thread.
    """
    try:
        return cast(F, njit(cache=True)(function))
    except RuntimeError:
        # There is no folder to keep machine code in: neither NUMBA_CACHE_DIR, nor beside the file, nor at home.
        return cast(F, njit(function))
