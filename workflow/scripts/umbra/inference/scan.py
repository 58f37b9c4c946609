"""The toys and significance stages: how often a background alone shows an excess as large anywhere in the scan.

A pseudo-experiment is one fluctuated spectrum of all regions, fitted at every mass (`umbra.statistics.look_elsewhere`).
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
from umbra.expectation.channel import Search
from umbra.inference import workspace
from umbra.inference.fitting import rebinned
from umbra.inference.pseudodata import Data
from umbra.statistics.look_elsewhere import SpectrumToys, global_significance, merge, spectrum_toys

log = logging.getLogger(__name__)

Point = Mapping[str, Any]


def make_toys(
    search: Search,
    data: Data,
    model: str,
    fits: Sequence[Path],
    archives: Sequence[Path],
    chunk: int,
    toys: int,
    output: Path,
) -> None:
    """Make one chunk of pseudo-experiments and write the largest q0 and the up-crossings of each.

    Parameters
    ----------
    search
        The channel's expectation.
    data
        The data, whose bins the pseudo-experiments have.
    model
        Reading whose hypotheses are scanned.
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
    spectrum, start = _spectrum(search, data)
    found, bins = [], []
    for path, archive in zip(fits, archives, strict=True):
        workspaces = workspace.read_archive(archive)
        for point in fitted_points(path, model):
            found.append(workspaces[point["member"]])
            bins.append(_bins(point, start))
    if not found:
        name = search.settings["name"]
        raise UmbraError(
            f"channel {name}, model {model}: no mass has a fit, so that there is no scan to repeat"
        )
    log.info("%d pseudo-experiments at %d masses", toys, len(found))
    rng = seeds.generator(search.settings["name"], "spectrum toys", chunk)
    made = spectrum_toys(found, bins, spectrum, toys, rng)
    content = {"largest_q0": made.largest_q0.tolist(), "upcrossings": made.upcrossings.tolist()}
    write_json(output, content | {"failed_fits": made.failed_fits})


def combine(
    chunks: Sequence[Path], fits: Sequence[Path], model: str, output: Path, provenance: Mapping[str, Any]
) -> None:
    """Merge the chunks and write the global significance of the largest excess of the scan.

    The largest q0 tells which it is, as in the toys; in a window with few events its own p-value is a Poisson sum, and
    another z.
    """
    toys = merge([_read_toys(path) for path in chunks])
    points = [point for path in fits for point in fitted_points(path, model) if point.get("q0") is not None]
    result = global_significance(np.array([point["q0"] for point in points]), toys)
    best = max(points, key=lambda point: point["q0"])
    write_json(
        output, {**vars(result), "mass_gev": best["mass_gev"], "z": best["z"], "provenance": dict(provenance)}
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


def fitted_points(path: Path, model: str) -> list[Point]:
    """Points of a block that one reading has fitted; of several lifetimes the first, all see the same data."""
    found: dict[tuple[float, float | None], Point] = {}
    for point in read_json(path)["points"]:
        if point["model"] == model and point["status"] == "converged":
            found.setdefault((point["mass_gev"], point.get("mass2_gev")), point)
    return list(found.values())


def _spectrum(search: Search, data: Data) -> tuple[Array, dict[str, int]]:
    """Expected background of all regions in the bins of the data, one after the other, and where each starts."""
    parts, start, total = [], {}, 0
    for region in search.settings["regions"]:
        edges = data[region["name"]].edges
        parts.append(rebinned(search.data_background(region), search.edges(region), edges))
        start[region["name"]] = total
        total += len(edges) - 1
    return np.concatenate(parts), start


def _bins(point: Point, start: Mapping[str, int]) -> NDArray[np.int64]:
    """First bin of the spectrum, and first one beyond, of each bin of a fit, shape (n, 2)."""
    rows = []
    for region, (first, step, number) in point["bins"].items():
        low = start[region] + first + step * np.arange(number)
        rows.append(np.stack([low, low + step], axis=1))
    return np.concatenate(rows)


def _read_toys(path: Path) -> SpectrumToys:
    content = read_json(path)
    return SpectrumToys(
        np.array(content["largest_q0"]),
        np.array(content["upcrossings"], dtype=np.int64),
        content["failed_fits"],
    )
