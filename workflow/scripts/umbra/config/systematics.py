"""Relative uncertainties of a channel."""

from typing import Annotated

from pydantic import AfterValidator, Field

from umbra.core.records import Fraction, OneOrMore, Record, distinct


class NamedUncertainty(Record):
    """An uncertainty that several backgrounds share, in all categories at once.

    Parameters
    ----------
    relative
        Of each of them.
    of
        Backgrounds.
    """

    relative: Fraction
    of: Annotated[OneOrMore[str], AfterValidator(distinct)]


class Systematics(Record):
    """Uncertainties that all categories share.

    Parameters
    ----------
    signal_efficiency_relative
        Of the signal's efficiency.
    background_relative
        Of each background of a count.
    named
        Name -> uncertainty of some backgrounds of a count, beside that.
    """

    signal_efficiency_relative: float
    background_relative: float = 0.0
    named: dict[str, NamedUncertainty] = Field(default_factory=dict)

    def named_of(self, background: str) -> dict[str, float]:
        """Name -> relative uncertainty of one background."""
        return {name: each.relative for name, each in self.named.items() if background in each.of}
