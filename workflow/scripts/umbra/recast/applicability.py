"""Which interpretation of a channel a model can be read into, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from umbra.config.records import Category, Channel, Interpretation
from umbra.recast.own_model import OwnModel
from umbra.recast.production import FINAL_STATES, OF_CHANNELS, SINGLE, Ratio, ratio
from umbra.theory.vertices import Vertices


@dataclass(frozen=True)
class Reading:
    """A category of a channel, as the model sees it.

    Parameters
    ----------
    made
        Production of the model over that of the channel's own particle, both at a coupling of one.
    final_state
        That the category selects.
    """

    made: Ratio
    final_state: str


@dataclass(frozen=True)
class Applicable:
    """What a channel can say of a model.

    Parameters
    ----------
    channel
        Its name.
    interpretations
        Readings by interpretation and category; none where the channel says nothing.
    reason
        Why it says nothing, or what is left out; empty where everything is as in the channel's own model.
    """

    channel: str
    interpretations: Mapping[str, Mapping[str, Reading]]
    reason: str

    @property
    def verdict(self) -> str:
        """`applies`, `applies in part` or `does not apply`."""
        if not self.interpretations:
            return "does not apply"
        return "applies in part" if self.reason else "applies"


def applicable(channel: Channel, model: OwnModel) -> Applicable:
    """Find what a channel can say.

    The first interpretation whose signal the model makes is read; where couplings fix lifetimes, all those with a
    region are, which are other final states of the same data. Assumptions and projections are not.
    """
    found: dict[str, Mapping[str, Reading]] = {}
    reasons: dict[str, None] = {}
    for each in channel.interpretations:
        if each.kind != "interpretation":
            continue
        readings = _readings(channel, each, model)
        refused = _refused(channel, each, model, readings)
        if refused:
            reasons[refused] = None
            continue
        if not found or (each.island is not None and channel.lifetimes_mm):
            found[each.name] = readings
    if not found:
        return Applicable(channel.name, {}, next(iter(reasons), "it has no interpretation of its own"))
    seen = [reading for each in found.values() for reading in each.values()]
    notes = dict.fromkeys(each.made.reason for each in seen if each.made.reason)
    closed = dict.fromkeys(each.final_state for each in seen if not _opens(model, each.final_state))
    notes |= dict.fromkeys(_no_decay(state) for state in closed)
    return Applicable(channel.name, found, "; ".join(notes))


def readings_of(
    channel: Channel, interpretation: Interpretation, model: OwnModel
) -> Mapping[str, Reading] | str:
    """How a model sees the categories of one interpretation, or why it says nothing of it."""
    readings = _readings(channel, interpretation, model)
    return _refused(channel, interpretation, model, readings) or readings


def _refused(
    channel: Channel, interpretation: Interpretation, model: OwnModel, readings: Mapping[str, Reading]
) -> str:
    """Why an interpretation says nothing of a model; empty where it does."""
    if channel.masses.second is not None:
        return "it searches for two particles, the model has one"
    if interpretation.coupling is None:
        return "its limits are on what is seen of any signal, not on a coupling"
    if interpretation.coupling.name not in OF_CHANNELS:
        return f"its limits are on {interpretation.coupling.name}, which is no coupling of a single particle"
    if channel.lifetimes_mm and model.file.dark_matter is not None:
        return "decays to dark matter make the lifetime independent of the coupling, and regions of both are not drawn"
    usable = [each for each in readings.values() if each.made.value > 0.0]
    if not usable:
        return next((each.made.reason for each in readings.values()), "it has no signal")
    unknown = [each.final_state for each in usable if each.final_state.startswith("decay ")]
    if unknown:
        return f"the {unknown[0]} of its signal is none of a single particle"
    if not any(_opens(model, each.final_state) for each in usable):
        missing = " and ".join(dict.fromkeys(each.final_state for each in usable))
        return _no_decay(missing)
    if channel.lifetimes_mm and interpretation.island is None:
        return "its limits depend on the lifetime, and no coupling of it fixes that"
    return ""


def _no_decay(final_state: str) -> str:
    return f"the model's particle does not decay to {final_state}"


def _opens(model: OwnModel, final_state: str) -> bool:
    """Whether the particle decays so at any mass that colliders reach."""
    dark = final_state == "invisible" and model.file.dark_matter is not None
    masses = [mass for mass in _MASSES_GEV if model.covers(mass)]
    return dark or any(model.partial_width_gev(mass, final_state) > 0.0 for mass in masses)


#: Where decays are looked for; hadrons of a Higgs-like scalar are known to 1.8 GeV.
_MASSES_GEV = (0.01, 0.05, 0.1, 0.25, 0.35, 0.5, 0.8, 1.0, 1.5, 2.5, 4.0, 6.0, 9.0)


def _readings(channel: Channel, interpretation: Interpretation, model: OwnModel) -> dict[str, Reading]:
    coupling = interpretation.coupling
    own = OF_CHANNELS.get("" if coupling is None else coupling.name, Vertices("vector"))
    return {
        category.name: Reading(
            ratio(channel.signal_sample(category, interpretation).process, model.vertices, own),
            final_state_of(channel, category, interpretation),
        )
        for category in channel.categories_of(interpretation)
    }


def final_state_of(channel: Channel, category: Category, interpretation: Interpretation) -> str:
    """Final state of the particle that a category selects: what its signal decays to, or what its fraction is of."""
    decay = channel.signal_sample(category, interpretation).generator.decay
    if decay is None:
        return "invisible"
    known = FINAL_STATES.get(decay)
    for named in (interpretation.branching, category.branching, interpretation.island):
        if known is None and named is not None and named.particle in SINGLE:
            known = named.final_state
    return f"decay {decay}" if known is None else known
