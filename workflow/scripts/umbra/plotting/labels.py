"""What figures say about a channel: titles, set-up, origin of backgrounds, and what is unverified."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from umbra.config.interpretations import couplings_of
from umbra.core.errors import UmbraError
from umbra.core.machines import Machine
from umbra.core.vocabulary import PYTHIA_TITLES, QUANTITIES
from umbra.generation.processes.registry import title_of
from umbra.plotting.text import mathtext

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
}


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
        `asimov`, `injected` (the same with a signal), `toy` or `file`.
    seed
        Seed of the pseudo-data.
    notes
        What else must be said, such as which efficiency is unverified.
    titles
        Axis titles of quantities, where the channel's own are better than the vocabulary's.
    conventions
        What a quantity means, where the channel says it better than the vocabulary.
    model_titles
        Legend text of each model, with mathtext.
    parents
        Number of decaying particles, where the channel counts these; said instead of the luminosity.
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
    notes: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    conventions: Mapping[str, str] = field(default_factory=dict)
    model_titles: Mapping[str, str] = field(default_factory=dict)
    parents: str = ""

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
        return _OBSERVED[self.data][2]

    @property
    def setup(self) -> str:
        """Experiment, amount of data and energy."""
        energies = ", ".join(f"{energy:g}" for energy in self.sqrt_s_gev)
        amount = self.parents or luminosity_text(self.luminosity_fb)
        return f"{self.experiment}, {amount}, √s = {energies} GeV"

    @property
    def background_text(self) -> str:
        """Each background with its origin."""
        parts = [f"{background} ({ORIGINS[origin]})" for background, origin in self.backgrounds.items()]
        return "Backgrounds: " + (", ".join(parts) if parts else "none")


def luminosity_text(luminosity_fb: float) -> str:
    """Luminosity in the unit that reads best."""
    if luminosity_fb >= 1000.0:
        return rf"{luminosity_fb / 1000.0:g} ab$^{{\mathrm{{-1}}}}$"
    if luminosity_fb < 1.0:
        return rf"{luminosity_fb * 1000.0:g} pb$^{{\mathrm{{-1}}}}$"
    return rf"{luminosity_fb:g} fb$^{{\mathrm{{-1}}}}$"


def parents_text(parents: Mapping[str, Any]) -> str:
    """Number of parents and what they are, in powers of ten."""
    mantissa, exponent = f"{parents['count']:.3e}".split("e")
    return (
        rf"{float(mantissa):g} $\times$ 10$^{{\mathrm{{{int(exponent)}}}}}$ {mathtext(parents['particle'])}"
    )


def channel_labels(settings: Mapping[str, Any]) -> Labels:
    """Put together what the figures of a channel say, from its settings.

    Parameters
    ----------
    settings
        Settings of the channel, complete (`umbra.config.project`), with `machine_settings`.
    """
    coupling, plot, data = settings["coupling"], settings["plot"], settings["data"]
    _, *others = [each for model in settings["models"] for each in couplings_of(settings, model)]
    parents = settings.get("parents")
    samples = {name: each for name, each in settings["samples"].items() if each["role"] == "background"}
    machines = {
        each["machine"]: each for each in ({**settings, **sample} for sample in settings["samples"].values())
    }
    return Labels(
        experiment=settings["experiment"],
        process=mathtext(settings["title"]),
        mass_axis=mathtext(plot["x_label"]),
        sqrt_s_gev=tuple(sorted({round(_sqrt_s_gev(each), 2) for each in machines.values()})),
        luminosity_fb=float(settings["luminosity"]["luminosity_fb"]),
        confidence_level=float(settings["limit"]["cl"]),
        backgrounds={_background_name(name, sample): sample["origin"] for name, sample in samples.items()},
        data="injected" if data["kind"] == "asimov" and "inject" in data else data["kind"],
        seed=data.get("seed"),
        notes=tuple(_notes(settings)),
        titles={
            **{other["name"]: mathtext(other["y_label"]) for other in others if "y_label" in other},
            coupling["name"]: mathtext(plot["y_label"]),
            **({"branching_fraction": mathtext(parents["y_label"])} if parents else {}),
        },
        conventions={each["name"]: mathtext(each["convention"]) for each in (coupling, *others)},
        model_titles={model["name"]: mathtext(model["label"]) for model in settings["models"]},
        parents=parents_text(parents) if parents else "",
    )


_ENERGIES = ("electron_energy_gev", "positron_energy_gev", "crossing_angle_mrad")


def _sqrt_s_gev(owner: Mapping[str, Any]) -> float:
    energies = {name: value for name, value in owner["machine_settings"].items() if name in _ENERGIES}
    return Machine(owner["machine"], **energies).sqrt_s_gev


def _background_name(name: str, sample: Mapping[str, Any]) -> str:
    return process_title(sample.get("process", name)) or name.replace("_", " ")


def process_title(process: str) -> str:
    """What figures call what a process or Pythia makes as a background; empty where there is no better name."""
    return title_of(process) or PYTHIA_TITLES.get(process, "")


def _notes(settings: Mapping[str, Any]) -> Iterator[str]:
    """Small print: an injected signal, imposed efficiencies, and values that are from memory."""
    injected = settings["data"].get("inject")
    if injected is not None:
        where = f"at {injected['mass_gev']:g} GeV with coupling {injected['coupling']:g}"
        yield f"A signal {where} is injected."
    imposed = [region["name"] for region in settings["regions"] if "published_efficiency" in region]
    if imposed:
        yield f"The paper's efficiency is imposed on signal and background ({', '.join(imposed)})."
    listed = [f"{where}: {', '.join(keys)}" for where, keys in dict(_unverified(settings, "")).items()]
    # A detector has too many to name them in a figure.
    number = len(settings["detector_memory"])
    if number:
        listed.append(f"{number} entries of the detector {settings['detector']}")
    if listed:
        yield f"From memory, unverified: {'; '.join(listed)}.".replace("_", " ")


def _unverified(content: Any, where: str) -> Iterator[tuple[str, list[str]]]:
    """Places of the settings that list values as unverified, with those values' names."""
    if isinstance(content, Mapping):
        if content.get("unverified"):
            yield where, list(content["unverified"])
        if content.get("machine_memory"):
            # A machine is named once, however many samples come from it.
            yield f"machine {content['machine']}", list(content["machine_memory"])
        for key, value in content.items():
            yield from _unverified(value, f"{where} {key}".strip())
    elif isinstance(content, list):
        for value in content:
            name = value.get("name", "") if isinstance(value, Mapping) else ""
            yield from _unverified(value, f"{where} {name}".strip())
