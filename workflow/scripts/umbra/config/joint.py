"""Joint fits of a run: their files checked against the channels, and what their rules look up.

Imported while Snakemake parses the workflow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from umbra.config import joint_file, model_file
from umbra.config.checks import hypotheses
from umbra.config.folders import Folders
from umbra.config.joint_file import CommonNuisance, JointFile, JointLimit, SharedNuisance
from umbra.config.model_file import ModelFile
from umbra.config.records import Channel, Interpretation
from umbra.core.errors import UmbraError
from umbra.core.records import Record, no_such
from umbra.core.text import check_label
from umbra.core.vocabulary import COUPLINGS


class Joint(Record):
    """What the stages of a joint fit see of it.

    Parameters
    ----------
    name
        Stem of its file.
    coupling
        That limits are on.
    power
        In which it enters the signal.
    model
        Whose signal the inputs are read as; `None` where it is their own.
    limit
        How limits are set.
    interpretations
        Input -> interpretation of its channel.
    shared, common
        Nuisance parameters, see `umbra.config.joint_file`.
    """

    name: str
    coupling: str
    power: int
    model: ModelFile | None = None
    limit: JointLimit
    interpretations: dict[str, str]
    shared: dict[str, SharedNuisance]
    common: dict[str, CommonNuisance]


@dataclass(frozen=True)
class JointRules:
    """What the rules of one joint fit look up.

    Parameters
    ----------
    joint
        What its stages see of it.
    channels
        Input -> channel.
    blocks
        Masses in GeV of each job.
    titles
        What figures call the fit, its coupling and its inputs.
    said
        What the page says: block -> name -> sentence.
    """

    joint: Joint
    channels: Mapping[str, str]
    blocks: Mapping[str, tuple[float, ...]]
    titles: Mapping[str, Any]
    said: Mapping[str, Mapping[str, str]]

    def files(self, name: str) -> list[str]:
        """A file of every input's results, in the order of the inputs."""
        return [f"results/{channel}/{name}" for channel in self.channels.values()]

    def of_blocks(self, folder: str, suffix: str) -> list[str]:
        """A file of every block of the joint fit, in order."""
        return [f"results/joint/{self.joint.name}/{folder}/{block}{suffix}" for block in self.blocks]


def read_all(folders: Folders, records: Mapping[str, Channel], known: Iterable[str]) -> dict[str, JointRules]:
    """Read the joint fits whose channels are all part of a run.

    Parameters
    ----------
    folders
        Where the files are.
    records
        Channels of the run.
    known
        Names of all channels that there are.

    Raises
    ------
    UmbraError
        For a file that is wrong, or says what its channels are not.
    """
    found = {}
    for name, path in folders.files("joint").items():
        content = joint_file.load(path)
        if name in records:
            raise UmbraError(f"{path}: '{name}' is the name of a channel")
        for key, each in content.inputs.items():
            if each.channel not in known:
                raise UmbraError(f"{path}: inputs/{key}/channel: {no_such('channel', each.channel, known)}")
        if all(each.channel in records for each in content.inputs.values()):
            found[name] = _rules(name, content, path, folders, records)
    return found


def _rules(
    name: str, content: JointFile, path: Path, folders: Folders, records: Mapping[str, Channel]
) -> JointRules:
    try:
        check_label(content.title, "title")
        channels = {key: records[each.channel] for key, each in content.inputs.items()}
        interpretations = {
            key: _interpretation(key, channels[key], each.interpretation)
            for key, each in content.inputs.items()
        }
        _check_overlap(content, channels)
        if content.model is None:
            model, coupling, power = None, str(content.coupling), _power(content, interpretations)
            axis = COUPLINGS[coupling].title
        else:
            model = model_file.load(folders.find("models", content.model))
            coupling, power, axis = model.coupling.name, 2, model.coupling.title
            if model.dark_matter is not None:
                raise UmbraError("model: rates of dark matter are no power of the coupling")
    except UmbraError as error:
        raise UmbraError(f"{path}: {error}") from None
    joint = Joint(
        name=name,
        coupling=coupling,
        power=power,
        model=model,
        limit=content.limit,
        interpretations={key: each.name for key, each in interpretations.items()},
        shared=content.shared,
        common=content.common,
    )
    return JointRules(
        joint=joint,
        channels={key: channel.name for key, channel in channels.items()},
        blocks=_blocks(channels, interpretations, content.masses_per_job),
        titles={
            "title": content.title,
            "coupling": axis,
            "inputs": {key: f"{each.experiment}: {each.title}" for key, each in channels.items()},
        },
        said={
            "shared": {key: each.why for key, each in content.shared.items()},
            "common": {key: each.why for key, each in content.common.items()},
            "independent": {"": content.uncorrelated},
            "disjoint": {"": content.disjoint or "The inputs are of different experiments."},
        },
    )


def _interpretation(key: str, channel: Channel, name: str | None) -> Interpretation:
    where = f"inputs/{key}"
    names = [each.name for each in channel.interpretations]
    if name is not None and name not in names:
        raise UmbraError(f"{where}/interpretation: {no_such('interpretation', name, names)}")
    if channel.masses.second is not None:
        raise UmbraError(f"{where}/channel: '{channel.name}' scans a plane of two masses")
    if channel.lifetimes_mm:
        raise UmbraError(f"{where}/channel: limits of '{channel.name}' depend on the lifetime")
    found = channel.main if name is None else channel.interpretation(name)
    if found.published is not None:
        raise UmbraError(
            f"{where}/interpretation: '{found.name}' is known at the masses of its table only, and has no expectation "
            "between them"
        )
    return found


def _power(content: JointFile, interpretations: Mapping[str, Interpretation]) -> int:
    """Power of the common coupling in the signal."""
    if content.coupling not in COUPLINGS:
        raise UmbraError(f"coupling: {no_such('coupling', content.coupling, COUPLINGS)}")
    powers = {}
    for key, each in interpretations.items():
        if each.coupling is None or each.coupling.name != content.coupling:
            mine = "what is seen" if each.coupling is None else each.coupling.name
            raise UmbraError(
                f"inputs/{key}: the limits of '{each.name}' are on {mine}, not on {content.coupling}"
            )
        powers[key] = each.coupling.power
    if len(set(powers.values())) > 1:
        raise UmbraError(f"coupling: it enters the signals of the inputs in different powers: {powers}")
    return next(iter(powers.values()))


def _check_overlap(content: JointFile, channels: Mapping[str, Channel]) -> None:
    experiments = [channel.experiment for channel in channels.values()]
    twice = sorted({each for each in experiments if experiments.count(each) > 1})
    if twice and content.disjoint is None:
        raise UmbraError(f"disjoint: {twice[0]} has several inputs; say why no event of it is counted twice")


def _blocks(
    channels: Mapping[str, Channel], interpretations: Mapping[str, Interpretation], per_job: int
) -> dict[str, tuple[float, ...]]:
    """All masses that some input is scanned at, those of one job together."""
    masses: set[float] = set()
    for key, channel in channels.items():
        low, high = channel.span_of(interpretations[key])
        masses |= {mass for mass in hypotheses(channel) if isinstance(mass, float) and low <= mass <= high}
    ordered = sorted(masses)
    starts = range(0, len(ordered), per_job)
    return {f"block_{i:03d}": tuple(ordered[start : start + per_job]) for i, start in enumerate(starts)}
