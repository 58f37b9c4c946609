"""Names that channels and their parts cannot have: those of folders, targets and parameters beside them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from umbra.config.records import Channel, PeakFit
from umbra.core.errors import UmbraError

#: Folders beside those of channels in `results/` and `logs/`.
FOLDERS = ("samples", "summary", "validation", "benchmarks", "talks", "recast", "publish", "site", "joint")
#: Rules that belong to no channel, and what `./run` takes for a command.
TARGETS = (
    *("all", "generate", "summary", "summary_page", "validation", "cross_sections", "injections", "audits"),
    *("joint", "joint_fit", "joint_table", "joint_plot", "joint_audit"),
    *("test", "python", "site", "umbra", "run"),
    *(
        "xsec",
        "recast",
        "publish",
        "limits",
        "channels",
        "workspace",
        "export",
        "verify",
        "version",
        "licences",
    ),
)
#: Rules that each channel has, called `<channel>_<stage>`.
STAGES = (
    *("skim", "model", "data", "fit", "limit", "audit", "table"),
    *("toys", "significance", "injection", "plot"),
)


def check_channels(names: Iterable[str]) -> None:
    """Check the names of channels, which are those of files, folders, rules and targets.

    Raises
    ------
    UmbraError
        For the first that cannot be one, with the reason.
    """
    known = set(names)
    for name in sorted(known):
        if not re.fullmatch("[a-z][a-z0-9_]{0,59}", name):
            raise UmbraError(
                f"a channel cannot be called '{name}': small letters, digits and _ are what a rule's name may have"
            )
        if name in FOLDERS:
            raise UmbraError(f"a channel cannot be called '{name}': the workflow has a folder of that name")
        if name in TARGETS:
            raise UmbraError(f"a channel cannot be called '{name}': the workflow has a target of that name")
        for stage in STAGES:
            if name.endswith(f"_{stage}") and name.removesuffix(f"_{stage}") in known:
                raise UmbraError(f"a channel cannot be called '{name}': that is a rule of another channel")


def check_parts(channel: Channel) -> None:
    """Check the names of samples and categories against each other and against what is made beside them.

    Raises
    ------
    UmbraError
        For a name that something else has in a file of results, where the one would take the place of the other.
    """
    _refuse_twice("categories", (each.name for each in channel.categories))
    for category in channel.categories:
        if category.name == "kind":
            raise UmbraError("categories/kind: the file of the data has an entry of that name")
        for name in category.backgrounds:
            if name in ("signal", "no_background") or re.fullmatch("bernstein[0-9]+", name):
                raise UmbraError(
                    f"samples/{name}: a background cannot have the name of a part of the workspace"
                )
        templates = [stem + ending for stem in category.backgrounds for ending in ("", "_smooth")]
        _refuse_twice(f"categories/{category.name}/backgrounds", templates)
    _refuse_twice("categories: parameters of the fit", _parameters(channel))


def _parameters(channel: Channel) -> Iterator[str]:
    """Names of the parameters of the workspaces, which are shared where they are equal."""
    yield from ("mu", "signal_efficiency", "luminosity", "parents")
    yield from {f"background_{name}" for each in channel.categories for name in each.backgrounds}
    for category in channel.categories:
        yield from (f"signal_statistics_{category.name}", f"statistics_{category.name}")
        parts = list(category.backgrounds)
        if isinstance(channel.fit, PeakFit):
            parts += [f"bernstein{k}" for k in range(9)]
        for part in parts:
            yield from (f"{category.name}_{part}", f"{category.name}_{part}_tilt")


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise UmbraError(f"{what}: '{name}' is the name of two of them")
