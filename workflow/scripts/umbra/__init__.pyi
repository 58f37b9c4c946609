"""The public names, for type checkers; `__init__.py` imports each when it is asked for."""

from umbra.commands.limits import limits as limits
from umbra.commands.xsec import cross_section as cross_section
from umbra.core.errors import UmbraError as UmbraError
from umbra.generation.processes.registry import find as find_process
from umbra.results.contours import read_contours as read_contours
from umbra.results.limits import read_limits as read_limits
from umbra.theory.registry import find as find_model
from umbra.validation.published import load_curve as load_curve

__all__ = [
    "UmbraError",
    "__version__",
    "cross_section",
    "find_model",
    "find_process",
    "limits",
    "load_curve",
    "read_contours",
    "read_limits",
]

__version__: str
