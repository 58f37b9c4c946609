"""What figures say about a channel: titles, set-up, origin of backgrounds, and what is unverified."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from umbra.config.records import Asimov, Category, Channel, FileData, Produced, PublishedData, Sample, ToyData
from umbra.core.errors import UmbraError
from umbra.core.text import mathtext, raised
from umbra.core.vocabulary import PYTHIA_TITLES, QUANTITIES
from umbra.generation.processes.registry import title_of

#: What a background or a signal says about its own making.
ORIGINS = {
    "matrix_element": "matrix element",
    "pythia": "Pythia",
    "external": "external events",
    "parametrised": "parametrised",
}

#: Kind of data -> what to call its observed limits, its counts, and what a figure shows.
_OBSERVED = {
    "asimov": ("observed", "Asimov expectation", "no data: background-only Asimov"),
    "injected": ("Asimov with signal", "Asimov with signal", "no data: Asimov with an injected signal"),
    "toy": ("pseudo-data", "pseudo-data", "pseudo-data"),
    "file": ("observed", "data", "data"),
    "published": ("observed, published bins", "published counts", "published counts"),
    "counts": ("observed, published counts", "published counts", "published counts"),
    "fits": ("observed, published fits", "published fits", "published fits"),
}
#: Kinds of data that are a paper's.
_PUBLISHED = ("published", "counts", "fits")


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What a channel's figures say about it.

    Parameters
    ----------
    experiment
        Whose detector and beams are modelled.
    process
        Signal process, with mathtext.
    mass_axis
        Title of the mass axis, with mathtext and unit.
    sqrt_s_gev
        Centre-of-mass energies of the data sets.
    luminosity_fb
        Integrated luminosity of all data sets.
    confidence_level
        Confidence or credibility level, as a fraction.
    backgrounds
        Name of each background, with mathtext, and its origin, one of `ORIGINS`.
    data
        `asimov`, `injected` (the same with a signal), `toy` or `file`; of published data `published` (bins), `counts`
        or `fits`.
    seed
        Seed of the pseudo-data.
    warnings
        Why the figure is not to be quoted as it is.
    notes
        What else must be said, such as which efficiency is unverified.
    titles
        Axis titles of quantities, where the channel's own are better than the vocabulary's.
    conventions
        What a quantity means, where the channel says it better than the vocabulary.
    model_titles
        Legend text of each model, with mathtext.
    published
        Interpretation -> data of a paper, where it has some.
    source
        Whose data or backgrounds these are, where they are published.
    parents
        Number of decaying particles, where the channel counts these; said instead of the luminosity.
    beams
        What is said of machines in the place of energies, where they are no colliders.
    projection
        Whether the data have not been taken.
    published_efficiency
        Whether published data come with the paper's efficiency.
    """

    experiment: str
    process: str
    mass_axis: str
    sqrt_s_gev: tuple[float, ...]
    luminosity_fb: float
    confidence_level: float
    backgrounds: Mapping[str, str]
    data: str = "asimov"
    seed: int | str | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    conventions: Mapping[str, str] = field(default_factory=dict)
    model_titles: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, PublishedData] = field(default_factory=dict)
    source: str = ""
    parents: str = ""
    beams: str = ""
    projection: bool = False
    published_efficiency: bool = True

    def __post_init__(self) -> None:
        for background, origin in self.backgrounds.items():
            if origin not in ORIGINS:
                raise UmbraError(
                    f"background {background!r}: origin {origin!r} is not one of {', '.join(ORIGINS)}"
                )
        if self.data not in _OBSERVED:
            raise UmbraError(f"labels: data {self.data!r} is not one of {', '.join(_OBSERVED)}")
        if (self.data == "toy") != (self.seed is not None):
            raise UmbraError(f"labels: data {self.data!r} does not go with seed {self.seed!r}")
        for quantity in (*self.titles, *self.conventions):
            if quantity not in QUANTITIES:
                raise UmbraError(f"labels: title of unknown quantity {quantity!r}")

    def title(self, quantity: str) -> str:
        """Axis title of a quantity, with its unit."""
        return self.titles.get(quantity, QUANTITIES[quantity].title)

    def convention(self, quantity: str) -> str:
        """How a quantity is defined, as a line of small print; empty where nothing has to be said."""
        text = self.conventions.get(quantity, QUANTITIES[quantity].convention)
        return f"Convention: {text}" if text else ""

    def of(self, model: str | None) -> "Labels":
        """Labels of a figure that shows one interpretation; one with published data says whose they are."""
        data = self.published.get(model or "")
        return self if data is None else replace(self, data=data.form, seed=None, source=data.citation)

    @property
    def level(self) -> str:
        """Confidence level as text."""
        return f"{100.0 * self.confidence_level:g}% CL"

    @property
    def observed(self) -> str:
        """What to call the observed limits in a legend."""
        return _OBSERVED[self.data][0]

    @property
    def points(self) -> str:
        """What to call the counts in a legend."""
        return _OBSERVED[self.data][1]

    @property
    def data_text(self) -> str:
        """What the figure shows as data."""
        if self.data == "toy":
            return f"pseudo-data (toy, seed {self.seed})"
        text = _OBSERVED[self.data][2]
        return f"{text} of {self.source}" if self.source and self.data in _PUBLISHED else text

    @property
    def setup(self) -> str:
        """Experiment, amount of data and energy."""
        energies = "√s = " + ", ".join(f"{energy:g}" for energy in self.sqrt_s_gev) + " GeV"
        amount = self.parents or luminosity_text(self.luminosity_fb)
        who = f"{self.experiment} projection" if self.projection else self.experiment
        return raised(f"{who}, {amount}, {self.beams or energies}")

    @property
    def background_text(self) -> str:
        """Each background with its origin; with published data it is the paper's."""
        if self.source:
            return f"Backgrounds{' and efficiency' if self.published_efficiency else ''}: as published"
        parts = [f"{background} ({ORIGINS[origin]})" for background, origin in self.backgrounds.items()]
        return "Backgrounds: " + (", ".join(parts) if parts else "none")


def luminosity_text(luminosity_fb: float) -> str:
    """Luminosity in the unit that reads best."""
    if luminosity_fb >= 1000.0:
        return rf"{luminosity_fb / 1000.0:g} ab$^{{\mathrm{{-1}}}}$"
    if luminosity_fb < 1.0:
        return rf"{luminosity_fb * 1000.0:g} pb$^{{\mathrm{{-1}}}}$"
    return rf"{luminosity_fb:g} fb$^{{\mathrm{{-1}}}}$"


def produced_text(produced: Produced) -> str:
    """Number of decaying particles and what they are, in powers of ten."""
    mantissa, exponent = f"{produced.count:.3e}".split("e")
    return raised(
        rf"{float(mantissa):g} $\times$ 10$^{{\mathrm{{{int(exponent)}}}}}$ {mathtext(produced.particle)}"
    )


def channel_labels(channel: Channel) -> Labels:
    """Put together what the figures of a channel say, from the blocks that the plot stage sees of it."""
    couplings = [each for reading in channel.interpretations for each in reading.couplings]
    produced = channel.produced
    # The main interpretation's title counts where another one has the same coupling.
    titles = {
        reading.coupling.name: mathtext(reading.coupling.y_label)
        for reading in reversed(channel.interpretations)
        if reading.coupling is not None and reading.coupling.y_label
    }
    backgrounds = [each for each in channel.samples.values() if each.role == "background"]
    return Labels(
        experiment=channel.experiment,
        projection=channel.projection,
        process=mathtext(channel.title),
        mass_axis=mathtext(channel.axes.mass),
        sqrt_s_gev=tuple(sorted({round(each.machine.sqrt_s_gev, 2) for each in channel.samples.values()})),
        luminosity_fb=channel.luminosity.luminosity_fb,
        confidence_level=channel.limit.level,
        backgrounds={background_name(each): each.origin for each in backgrounds},
        data="injected" if isinstance(channel.data, Asimov) and channel.data.inject else channel.data.kind,
        seed=channel.data.seed if isinstance(channel.data, ToyData) else None,
        notes=tuple(_notes(channel)),
        titles=titles | ({"branching_fraction": mathtext(produced.y_label)} if produced else {}),
        conventions={each.name: mathtext(each.convention) for each in couplings},
        model_titles={each.name: mathtext(each.label) for each in channel.interpretations},
        published={each.name: each.published for each in channel.interpretations if each.published},
        source=", ".join(dict.fromkeys(each.bins.citation for each in channel.categories if each.bins)),
        published_efficiency=all(
            each.published_efficiency is not None for each in channel.categories if each.bins
        ),
        parents=produced_text(produced) if produced else "",
        beams=", ".join(sorted({each.machine.description for each in channel.samples.values()} - {""})),
    )


def background_name(sample: Sample) -> str:
    """What figures call a background."""
    # A parametrised background or external events have no process that says what they are.
    return process_title(sample.process) or sample.name.replace("_", " ")


def process_title(process: str) -> str:
    """What figures call what a process or Pythia makes as a background; empty where there is no better name."""
    return title_of(process) or PYTHIA_TITLES.get(process, "")


def sample_titles(channel: Channel) -> dict[str, str]:
    """Legend text of each sample; samples of one process are told apart by their names."""
    titles = {
        name: f"signal {name.replace('_', ' ')}" if sample.role == "signal" else background_name(sample)
        for name, sample in channel.samples.items()
    }
    shared = [title for title, number in Counter(titles.values()).items() if number > 1]
    return {
        name: f"{title} ({name.replace('_', ' ')})" if title in shared else title
        for name, title in titles.items()
    }


def _listed(categories: Sequence[Category]) -> str:
    return ", ".join(each.name.replace("_", " ") for each in categories)


def _notes(channel: Channel) -> Iterator[str]:
    """Small print: an injected signal, imposed efficiencies, and values that are from memory."""
    injected = None if isinstance(channel.data, FileData) else channel.data.inject
    if injected is not None:
        where = f"at {injected.mass_gev:g} GeV with coupling {injected.coupling:g}"
        yield f"A signal {where} is injected."
    found = [each for each in channel.categories if each.spectrum is not None]
    if found:
        yield f"Background as the paper finds it in its data, and the paper's efficiency ({_listed(found)})."
    imposed = [each for each in channel.categories if each.published_efficiency and not each.is_published]
    if imposed:
        yield f"The paper's efficiency is imposed on signal and background ({_listed(imposed)})."
    counted = []
    if channel.from_memory:
        counted.append(f"{len(channel.from_memory)} values of the search (listed on the validation page)")
    if channel.detector_from_memory:
        counted.append(f"{channel.detector_from_memory} of the detector")
    if counted:
        yield f"From memory, unverified: {' and '.join(counted)}."
