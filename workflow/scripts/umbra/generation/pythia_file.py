"""Named samples of Pythia, as `generation/data/pythia_samples.yaml` defines them."""

from typing import Literal

from pydantic import Field

from umbra.core.records import PositiveFloat, Record, Several, Source


class PythiaSample(Record):
    """One sample.

    Parameters
    ----------
    cross_section_nb, at_gev
        Cross-section, which falls as 1/s, at a centre-of-mass energy.
    from_gev, to_gev
        Between which it may be made.
    b_meson
        Pairs of this meson and its antiparticle are decayed.
    settings
        Lines for Pythia.
    """

    cross_section_nb: PositiveFloat
    at_gev: PositiveFloat
    from_gev: PositiveFloat
    to_gev: PositiveFloat
    b_meson: Literal[511, 521] | None = None
    settings: Several[str]


class PythiaFile(Record):
    """All samples, by name, and where their numbers come from."""

    samples: dict[str, PythiaSample] = Field(min_length=1)
    source: Source
