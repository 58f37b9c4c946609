"""Names of the figures of a channel: what the plot stage draws, and the job graph waits for.

Imported while Snakemake parses the workflow, so: standard library and pydantic only.
"""

from umbra.config.records import (
    Asimov,
    BinsFit,
    Channel,
    CountingFit,
    EllipseFit,
    Fit,
    PeakFit,
    TemplatesFit,
)

#: Quantity that limits on production are set on -> name of their figure.
PRODUCTION_FIGURES = {
    "cross_section_fb": "cross_section",
    "branching_fraction": "branching_fraction",
    # Without a coupling there is nothing else that could be excluded.
    "visible_cross_section_fb": "exclusion",
}

#: Kind of fit -> name of the figure of its windows.
WINDOW_FIGURES: dict[type[Fit], str] = {
    PeakFit: "fits",
    TemplatesFit: "fits",
    CountingFit: "counts",
    EllipseFit: "counts",
    BinsFit: "fits",
}


def exclusion_figures(channel: Channel) -> dict[str, str]:
    """Coupling -> name of its exclusion plot; the main interpretation's comes first and has the plain name."""
    names = dict.fromkeys(each.name for reading in channel.interpretations for each in reading.couplings)
    return {name: f"exclusion_{name}" if place else "exclusion" for place, name in enumerate(names)}


def limit_figures(channel: Channel) -> dict[str, str]:
    """Quantity -> name of the figure of the limits on it."""
    production = channel.production_quantity
    return {**exclusion_figures(channel), production: PRODUCTION_FIGURES[production]}


def figures(channel: Channel) -> list[str]:
    """Names of all figures of a channel, without suffix."""
    scans = ["p_values"] if channel.main.published or channel.data != Asimov() else []
    spectra = ["spectra"] if has_spectra(channel) else []
    return [
        *limit_figures(channel).values(),
        *("efficiency", "cutflow", WINDOW_FIGURES[type(channel.fit)]),
        *scans,
        *spectra,
        *(["background_map"] if channel.axes.map is not None else []),
    ]


def has_spectra(channel: Channel) -> bool:
    """Whether a published spectrum has simulated ones beside it."""
    return any(each.spectrum is not None and each.spectrum.simulated for each in channel.categories)
