"""The toys and significance stages: how often a background alone shows an excess as large anywhere in the scan.

A pseudo-experiment is one fluctuated spectrum of all categories, fitted at every mass
(`umbra.statistics.look_elsewhere`).
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from umbra.core import seeds
from umbra.core.errors import UmbraError
from umbra.core.io import read_json, write_json
from umbra.core.kinematics import Array
from umbra.expectation.binned import BinnedExpectation, rebinned
from umbra.inference import workspace
from umbra.inference.binned_data import BinnedData
from umbra.inference.hypothesis import FittedPoint, read_fits
from umbra.inference.workspace import Workspace
from umbra.statistics.look_elsewhere import SpectrumToys, global_significance, merge, spectrum_toys

log = logging.getLogger(__name__)


def make_toys(
    expectation: BinnedExpectation,
    data: BinnedData,
    fits: Sequence[Path],
    archives: Sequence[Path],
    chunk: int,
    toys: int,
    output: Path,
) -> None:
    """Make one chunk of pseudo-experiments and write the largest q0 and the up-crossings of each.

    Parameters
    ----------
    expectation
        The channel's expectation, whose first interpretation of our own simulation is scanned.
    data
        The data, whose bins the pseudo-experiments have.
    fits, archives
        Fits and workspaces of the blocks, in order of mass.
    chunk, toys
        Number of the chunk, and pseudo-experiments in it.
    output
        JSON file.

    Raises
    ------
    UmbraError
        If no mass has a fit.
    """
    main, name = expectation.channel.simulated.name, expectation.channel.name
    spectrum, start = _spectrum(expectation, data)
    found, bins = [], []
    for path, archive in zip(fits, archives, strict=True):
        workspaces = workspace.read_archive(archive)
        for point in fitted_points(path, main):
            found.append(workspaces[str(point.member)])
            bins.append(_bins(point, found[-1], start))
    if not found:
        raise UmbraError(
            f"channel {name}, interpretation {main}: no mass has a fit, so that there is no scan to repeat"
        )
    log.info("%d pseudo-experiments at %d masses", toys, len(found))
    rng = seeds.generator(name, "spectrum toys", chunk)
    made = spectrum_toys(found, bins, spectrum, toys, rng)
    content = {"largest_q0": made.largest_q0.tolist(), "upcrossings": made.upcrossings.tolist()}
    write_json(output, content | {"failed_fits": made.failed_fits})


def combine(
    chunks: Sequence[Path],
    fits: Sequence[Path],
    interpretation: str,
    output: Path,
    provenance: Mapping[str, Any],
) -> None:
    """Merge the chunks and write the global significance of the largest excess of the scan.

    The largest q0 tells which it is, as in the toys; in a window with few events its own p-value is a Poisson sum, and
    another z.
    """
    toys = merge([_read_toys(path) for path in chunks])
    points = [point for path in fits for point in fitted_points(path, interpretation)]
    known = [(point.q0, point) for point in points if point.q0 is not None]
    result = global_significance(np.array([q0 for q0, _ in known]), toys)
    _, best = max(known, key=lambda each: each[0])
    write_json(
        output, {**vars(result), "mass_gev": best.mass_gev, "z": best.z, "provenance": dict(provenance)}
    )


def text(path: Path) -> str:
    """Say the result in one line, for the scan of p-values."""
    found = read_json(path)
    reached = "<" if found["p_toys"] * found["n_toys"] <= 1.0 else "="
    return (
        f"largest excess {found['z']:.1f} standard deviations at {found['mass_gev']:.3g} GeV; "
        f"global p {reached} {found['p_toys']:.2g} ({found['n_toys']} pseudo-experiments), "
        f"{found['p_gross_vitells']:.2g} (Gross-Vitells)"
    )


def fitted_points(path: Path, interpretation: str) -> list[FittedPoint]:
    """Points of a block that an interpretation has fitted; of several lifetimes the first, all see the same data."""
    found: dict[tuple[float, float | None], FittedPoint] = {}
    for point in read_fits(path):
        if point.interpretation == interpretation and point.status == "converged":
            found.setdefault((point.mass_gev, point.mass2_gev), point)
    return list(found.values())


def _spectrum(expectation: BinnedExpectation, data: BinnedData) -> tuple[Array, dict[str, int]]:
    """Expected background of all categories in the bins of the data, one after the other, and where each starts."""
    parts, start, total = [], {}, 0
    for category in expectation.channel.categories:
        edges = data[category.name].edges
        parts.append(rebinned(expectation.data_background(category), expectation.edges(category), edges))
        start[category.name] = total
        total += len(edges) - 1
    return np.concatenate(parts), start


def _bins(point: FittedPoint, fitted: Workspace, start: Mapping[str, int]) -> NDArray[np.int64]:
    """First bin of the spectrum, and first one beyond, of each bin of a fit, shape (n, 2).

    In the order of the workspace, which is that of its model; the point, read from a file, has lost it.
    """
    rows = []
    for category in (str(channel["name"]) for channel in fitted["channels"]):
        first, step, number = point.bins[category]
        low = start[category] + first + step * np.arange(number)
        rows.append(np.stack([low, low + step], axis=1))
    return np.concatenate(rows)


def _read_toys(path: Path) -> SpectrumToys:
    content = read_json(path)
    return SpectrumToys(
        np.array(content["largest_q0"]),
        np.array(content["upcrossings"], dtype=np.int64),
        content["failed_fits"],
    )
