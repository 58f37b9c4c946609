"""What an experiment knows, once for all of its channels: `config/experiments/<experiment>.yaml`."""

from typing import Any

from pydantic import Field

from umbra.core.records import Fraction, Record


class ExperimentFile(Record):
    """An experiment.

    Parameters
    ----------
    title
        What figures call it.
    detector
        Stem of a file in `config/detectors/`.
    luminosity_relative
        Relative uncertainty of its luminosity.
    selection
        Options of selections that are the detector's, such as the angles of its parts: they hold where a channel says
        nothing else.
    source
        Where these come from.
    """

    title: str
    detector: str
    luminosity_relative: Fraction
    selection: dict[str, Any] = Field(default_factory=dict)
    source: str
