"""HistFactory workspaces of mass hypotheses, as pyhf reads them, and the archives that hold them.

`umbra workspace CHANNEL --mass M` prints one from `results/`.
"""

import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.io import atomic_path, json_text
from umbra.core.kinematics import Array
from umbra.expectation.point import Point

Workspace = dict[str, Any]

#: Fixed stamp of the members of an archive, so that equal workspaces make equal files.
_STAMP = (1980, 1, 1, 0, 0, 0)
#: No workspace of ours comes near: a packed file that swells beyond it is not read.
LARGEST_MEMBER_BYTES = 1 << 28


@dataclass(frozen=True)
class Background:
    """One background component in the bins of a category.

    Parameters
    ----------
    name
        Name of the sample.
    counts
        Nominal expectation, shape (n,).
    free
        True for a component of a fitted shape: its factor floats freely from 0, starting at `start`.
    start
        Factor at which the component describes the expectation.
    relative_uncertainty
        Of a normalisation that is known; 0 for none.
    named
        Name -> relative uncertainty that it shares with other backgrounds and categories.
    variance
        Statistical variance of the simulated counts, shape (n,), or `None` where it does not matter.
    tilt
        Relative change of the counts by one standard deviation of a tilt of their shape, shape (n,), or `None`.
    """

    name: str
    counts: Array
    free: bool = False
    start: float = 1.0
    relative_uncertainty: float = 0.0
    named: Mapping[str, float] = field(default_factory=dict)
    variance: Array | None = None
    tilt: Array | None = None


@dataclass(frozen=True)
class Bins:
    """The bins of one category at one hypothesis.

    Parameters
    ----------
    name
        Name of the category.
    observed
        Counts, shape (n,), or `None` where there are no data: the expectation then stands in.
    signal
        Expected signal for a signal strength of 1, shape (n,).
    signal_error
        Relative statistical error of the signal.
    backgrounds
        Components of the background.
    """

    name: str
    observed: Array | None
    signal: Array
    signal_error: float
    backgrounds: Sequence[Background] = field(default_factory=tuple)

    @property
    def data(self) -> Array:
        """Counts, or the expected background."""
        if self.observed is not None:
            return self.observed
        expected: Array = np.sum(
            [background.start * background.counts for background in self.backgrounds], axis=0
        )
        return expected


def build(
    channels: Sequence[Bins], name: str, efficiency_relative: float, normalisation: tuple[str, float]
) -> Workspace:
    """Assemble a workspace with the signal strength `mu`.

    Parameters
    ----------
    channels
        One for each category.
    name
        Name of the measurement.
    efficiency_relative
        Systematic uncertainty of the signal efficiency, common to the categories.
    normalisation
        What the signal is normalised to, `luminosity` or `parents`, and its relative uncertainty.

    Returns
    -------
    dict
        Specification of version 1.0.0. A free background component is a template with a free normalisation factor,
        which is how a Bernstein polynomial with non-negative coefficients is written in HistFactory.
    """
    shared = [
        {"name": "mu", "type": "normfactor", "data": None},
        *_normalisation("signal_efficiency", efficiency_relative),
        *_normalisation(*normalisation),
    ]
    parameters = [{"name": "mu", "inits": [1.0], "bounds": [[0.0, 100.0]]}]
    specifications = []
    for channel in channels:
        signal = {
            "name": "signal",
            "data": channel.signal.tolist(),
            "modifiers": shared + _normalisation(f"signal_statistics_{channel.name}", channel.signal_error),
        }
        samples = [signal]
        for background in channel.backgrounds:
            samples.append(_background(channel.name, background))
            if background.free:
                bounds = [0.0, 10.0 * max(background.start, 1.0) + 10.0]
                factor = f"{channel.name}_{background.name}"
                parameters.append({"name": factor, "inits": [background.start], "bounds": [bounds]})
        specifications.append({"name": channel.name, "samples": samples})
    return {
        "channels": specifications,
        "observations": [{"name": channel.name, "data": channel.data.tolist()} for channel in channels],
        "measurements": [{"name": name, "config": {"poi": "mu", "parameters": parameters}}],
        "version": "1.0.0",
    }


@dataclass(frozen=True)
class Contents:
    """What a workspace holds in the bins of one category; each of n numbers.

    Parameters
    ----------
    signal
        Expected signal for a signal strength of 1.
    backgrounds
        Nominal expectation of each background.
    observed
        Counts, or what stands in for them.
    """

    signal: Sequence[float]
    backgrounds: Mapping[str, Sequence[float]]
    observed: Sequence[float]


def contents(workspace: Workspace) -> dict[str, Contents]:
    """Signal, backgrounds and observation of each category of a workspace that `build` made."""
    observed = {each["name"]: each["data"] for each in workspace["observations"]}
    found = {}
    for channel in workspace["channels"]:
        samples = {each["name"]: each["data"] for each in channel["samples"]}
        signal = samples.pop("signal")
        found[channel["name"]] = Contents(signal, samples, observed[channel["name"]])
    return found


def write_archive(path: Path, workspaces: Mapping[str, Workspace]) -> None:
    """Write workspaces to a ZIP archive, one JSON each, with fixed stamps."""
    with (
        atomic_path(path) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        for name, workspace in workspaces.items():
            archive.writestr(
                zipfile.ZipInfo(f"{name}.json", _STAMP),
                json_text(workspace, f"{path}: {name}"),
                zipfile.ZIP_DEFLATED,
            )


def read_archive(path: Path) -> dict[str, Workspace]:
    """Read all workspaces of an archive.

    Raises
    ------
    UmbraError
        If it is missing, truncated, damaged or holds something else.
    """
    with _opened(path) as archive:
        return {name.removesuffix(".json"): _member(archive, name) for name in archive.namelist()}


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive for reading; what is wrong with it or its members is one sentence."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    # zlib.error: damaged data; NotImplementedError: unknown compression; RuntimeError: a password.
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise UmbraError(f"{path}: not a readable archive of workspaces: {error}") from error


def member(interpretation: str, point: Point) -> str:
    """Name of a hypothesis in an archive."""
    masses = "/".join(f"{mass:.6f}" for mass in point.masses.values())
    name = f"{interpretation}/{masses}"
    return name if point.lifetime_mm is None else f"{name}/{point.lifetime_mm:g}"


def _member(archive: zipfile.ZipFile, name: str) -> Workspace:
    size = archive.getinfo(name).file_size
    if size > LARGEST_MEMBER_BYTES:
        raise ValueError(f"{name} has {size} bytes, more than any workspace")
    content = json.loads(archive.read(name))
    if not isinstance(content, dict):
        raise ValueError(f"{name} is no workspace")
    return content


def members(path: Path) -> dict[str, float]:
    """Names of the workspaces of an archive, with the (first) mass of each; see `read_archive` for the errors."""
    with _opened(path) as archive:
        return {name.removesuffix(".json"): _mass_gev(path, name) for name in archive.namelist()}


def _mass_gev(path: Path, name: str) -> float:
    """Mass in the name of a member, see `member`."""
    try:
        mass = float(name.removesuffix(".json").split("/")[1])
    except (IndexError, ValueError):
        mass = math.nan
    if not math.isfinite(mass):
        raise UmbraError(f"{path}: {name} is no workspace: such are named MODEL/MASS.json")
    return mass


def _normalisation(name: str, relative: float) -> list[dict[str, Any]]:
    if relative == 0.0:
        return []
    # Symmetric in the logarithm, so that the lower side of a large uncertainty stays positive.
    return [{"name": name, "type": "normsys", "data": {"hi": 1.0 + relative, "lo": 1.0 / (1.0 + relative)}}]


def _background(category: str, background: Background) -> dict[str, Any]:
    modifiers: list[dict[str, Any]] = []
    if background.free:
        modifiers.append({"name": f"{category}_{background.name}", "type": "normfactor", "data": None})
    modifiers += _normalisation(f"background_{background.name}", background.relative_uncertainty)
    for name, relative in background.named.items():
        modifiers += _normalisation(name, relative)
    if background.tilt is not None:
        sides = {
            f"{side}_data": (background.counts * (1.0 + sign * background.tilt)).tolist()
            for side, sign in (("hi", 1.0), ("lo", -1.0))
        }
        modifiers.append({"name": f"{category}_{background.name}_tilt", "type": "histosys", "data": sides})
    if background.variance is not None and np.any(background.variance > 0.0):
        data = np.sqrt(background.variance).tolist()
        modifiers.append({"name": f"statistics_{category}", "type": "staterror", "data": data})
    return {"name": background.name, "data": background.counts.tolist(), "modifiers": modifiers}
