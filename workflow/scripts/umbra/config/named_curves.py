"""Published curves and quoted ranges that a channel names: they are there, and on what the channel has limits on."""

from collections.abc import Mapping
from pathlib import Path

from umbra.config.folders import Folders
from umbra.config.published import CurveFile, Range, read_curve
from umbra.config.records import Channel
from umbra.core.errors import UmbraError
from umbra.core.records import no_such


def files(channel: Channel, folders: Folders) -> list[str]:
    """Find the files of the curves that a channel is compared with, and that its figures show beside it, each once.

    Raises
    ------
    UmbraError
        For one that is not there, or that has nothing to be compared, with the key that names it.
    """
    found = []
    for i, comparison in enumerate(channel.comparisons):
        path, curve = _read(f"compare/{i}/curve", comparison.curve, channel, folders)
        for mass, _ in comparison.compare_at_gev:
            if not curve.has_mass(mass):
                raise UmbraError(f"compare/{i}/compare_at_gev: {comparison.curve} has no bin at {mass:g} GeV")
        found.append(str(path))
    found += [str(_read("overlays", name, channel, folders)[0]) for name in channel.overlays]
    return list(dict.fromkeys(found))


def check_quoted(channel: Channel, ranges: Mapping[str, Range]) -> None:
    """Check the quoted ranges that a channel names; see `files` for the errors."""
    for i, name in enumerate(channel.quoted):
        if name not in ranges:
            raise UmbraError(f"quoted/{i}: {no_such('quoted range', name, ranges)}")
        _check_quantity(f"quoted/{i}", name, ranges[name].quantity, channel)


def _read(key: str, name: str, channel: Channel, folders: Folders) -> tuple[Path, CurveFile]:
    try:
        path = folders.find("published", name)
    except UmbraError as error:
        raise UmbraError(f"{key}: {error}") from None
    curve = read_curve(path)
    _check_quantity(key, name, curve.quantity, channel)
    return path, curve


def _check_quantity(key: str, name: str, quantity: str, channel: Channel) -> None:
    if quantity not in channel.quantities:
        ours = ", ".join(channel.quantities)
        raise UmbraError(f"{key}: {name} is a limit on {quantity}, and this channel has limits on {ours}")
