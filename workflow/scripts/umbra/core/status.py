"""How a point of a scan ended: words that every table of limits has."""

from typing import Literal, get_args

#: Only a converged point has numbers.
Status = Literal[
    "converged", "no_sensitivity", "bracket_failed", "fit_failed", "several_minima", "excluded_window"
]
STATUSES: tuple[Status, ...] = get_args(Status)
