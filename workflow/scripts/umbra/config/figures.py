"""Which figures a channel has, by the stem of their files."""

from umbra.config.records import Asimov, Channel, PeakFit, TemplatesFit

#: Quantity that limits on production are set on -> name of their figure.
PRODUCTION_FIGURES = {"cross_section_fb": "cross_section", "branching_fraction": "branching_fraction"}


def figures(channel: Channel) -> list[str]:
    """Name the figures that the plot stage makes."""
    fits = "fits" if isinstance(channel.fit, PeakFit | TemplatesFit) else "counts"
    scans = [] if channel.data == Asimov() else ["p_values"]
    production = PRODUCTION_FIGURES[channel.production_quantity]
    return [*exclusion_figures(channel).values(), production, "efficiency", "cutflow", fits, *scans]


def exclusion_figures(channel: Channel) -> dict[str, str]:
    """Coupling -> name of its exclusion plot; the main interpretation's comes first and has the plain name."""
    names = (each.name for reading in channel.interpretations for each in reading.coupling.all)
    first, *others = dict.fromkeys(names)
    return {first: "exclusion", **{name: f"exclusion_{name}" for name in others}}
