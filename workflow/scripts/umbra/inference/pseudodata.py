"""The data stage: what plays the part of the data in each region, in the bins of the templates.

`asimov` is the expectation itself and makes no claim of an observation; `toy` is one pseudo-experiment that spans all
masses; `file` is somebody's events or bins. Pseudo-data of regions are drawn independently of each other.
"""

import csv
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hist
import numpy as np

from umbra.config.interpretations import Region, coupling_of
from umbra.core import seeds
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.root import new_root_file, open_root
from umbra.expectation.channel import Search

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counts:
    """Counts of one region: bin edges, shape (n + 1,), and contents, shape (n,)."""

    edges: Array
    values: Array


Data = dict[str, Counts]

_BINNED_COLUMNS = ["region", "low", "high", "count"]


def make(search: Search, settings: Mapping[str, Any]) -> Data | None:
    """Return the counts of each region; `None` for plain Asimov data, which observe nothing.

    Parameters
    ----------
    search
        The channel.
    settings
        The `data` of the configuration.

    Raises
    ------
    UmbraError
        For a data file that does not fit the channel, and for a signal that cannot be injected.
    """
    if settings["kind"] == "file":
        return from_file(Path(settings["file"]), search)
    injection = settings.get("inject")
    if settings["kind"] == "asimov" and injection is None:
        return None
    if injection is not None:
        _check_injection(search, injection)
    data = {}
    for region in search.settings["regions"]:
        expected = search.data_background(region)
        if injection is not None:
            expected = expected + injected(search, region, injection)
        if settings["kind"] == "toy":
            rng = seeds.generator(search.settings["name"], "toy", settings["seed"], region["name"])
            expected = rng.poisson(expected).astype(float)
        data[region["name"]] = Counts(search.edges(region), expected)
    return data


def _check_injection(search: Search, injection: Mapping[str, float]) -> None:
    where = f"channel {search.settings['name']}: data/inject"
    if search.settings["lifetimes_mm"]:
        raise UmbraError(
            f"{where}: a signal that flies cannot be injected: its coupling does not say how far"
        )
    if not search.regions_at(injection["mass_gev"]):
        raise UmbraError(f"{where}: no region has a mass of {injection['mass_gev']:g} GeV")


def injected(search: Search, region: Region, injection: Mapping[str, float]) -> Array:
    """Expected candidates of an injected signal of the main model per bin of a region's axis."""
    main = search.settings["models"][0]
    mass_gev = injection["mass_gev"]
    if region not in search.regions_at(mass_gev):
        return np.zeros(len(search.edges(region)) - 1)
    power = coupling_of(search.settings, main)["power"]
    strength = injection["coupling"] ** power / search.coupling_power(main)
    expected, _ = search.signal_yield(region, mass_gev, main)
    template = search.signal(region, main).template(mass_gev, search.edges(region))
    injected_counts: Array = strength * expected * template
    return injected_counts


def axes(search: Search, data: Data | None) -> dict[str, Array]:
    """Bin edges that the windows of each region are cut from: those of the data, or of the templates."""
    return {
        region["name"]: search.edges(region) if data is None else data[region["name"]].edges
        for region in search.settings["regions"]
    }


def write(path: Path, data: Data | None) -> None:
    """Write the counts as histograms named after the regions; `kind` tells plain Asimov data, which have none."""
    with new_root_file(path) as file:
        file["kind"] = "asimov" if data is None else "counts"
        for name, counts in (data or {}).items():
            filled = hist.Hist(hist.axis.Variable(counts.edges), storage=hist.storage.Double())
            filled.view()[...] = counts.values
            file[name] = filled


def read(path: Path) -> Data | None:
    """Read what `write` wrote.

    Raises
    ------
    UmbraError
        If the file is missing or truncated.
    """
    with open_root(path, "not a readable file of data") as file:
        if str(file["kind"]) == "asimov":
            return None
        names = [name for name in file.keys(cycle=False) if name != "kind"]
        return {name: Counts(file[name].axis().edges(), file[name].values()) for name in names}


def from_file(path: Path, search: Search) -> Data:
    """Read somebody's data.

    A ROOT file has one tree for each region, named after it, with a branch named after the search variable. A CSV of
    events has the columns `region,value`. A CSV of bins has `region,low,high,count`; its bins are then those of the
    fit, so they should be no wider than half a resolution.

    Raises
    ------
    UmbraError
        For a missing file, column or region, and for values that are not numbers.
    """
    if not path.is_file():
        raise UmbraError(f"channel {search.settings['name']}: data file {path} does not exist")
    data = _from_root(path, search) if path.suffix == ".root" else _from_csv(path, search)
    log.info("%s: %s", path, {name: float(counts.values.sum()) for name, counts in data.items()})
    return data


def _from_root(path: Path, search: Search) -> Data:
    data = {}
    with open_root(path, "needs a tree for each region with a branch for its variable") as file:
        for region in search.settings["regions"]:
            x = file[region["name"]][region["variable"]].array(library="np")
            data[region["name"]] = _binned(
                np.asarray(x, dtype=float), search.edges(region), path, region["name"]
            )
    return data


def _from_csv(path: Path, search: Search) -> Data:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = list(reader.fieldnames or [])
        rows = list(reader)
    in_bins = columns == _BINNED_COLUMNS
    if not in_bins and columns != ["region", "value"]:
        raise UmbraError(
            f"{path}: columns {','.join(columns)} are neither region,value nor {','.join(_BINNED_COLUMNS)}"
        )
    known = {region["name"]: region for region in search.settings["regions"]}
    tables: dict[str, list[list[float]]] = {name: [] for name in known}
    for line, row in enumerate(rows, start=2):
        if row["region"] not in known:
            raise UmbraError(
                f"{path}: line {line}: there is no region '{row['region']}'; known: {', '.join(known)}"
            )
        tables[row["region"]].append(_numbers(row, columns[1:], path, line))
    data = {}
    for name, region in known.items():
        table = np.array(tables[name]).reshape(-1, len(columns) - 1)
        data[name] = (
            _bins(table, path, name) if in_bins else _binned(table[:, 0], search.edges(region), path, name)
        )
    return data


def _numbers(row: Mapping[str, str], columns: list[str], path: Path, line: int) -> list[float]:
    try:
        found = [float(row[column]) for column in columns]
    except (TypeError, ValueError) as error:
        raise UmbraError(f"{path}: line {line}: {error}") from error
    if not np.isfinite(found).all():
        raise UmbraError(f"{path}: line {line}: {found} is not finite")
    return found


def _binned(x: Array, edges: Array, path: Path, region: str) -> Counts:
    if not np.isfinite(x).all():
        raise UmbraError(f"{path}: region {region}: {x[~np.isfinite(x)][0]} is not a finite value")
    return Counts(edges, np.histogram(x, edges)[0].astype(float))


def _bins(table: Array, path: Path, region: str) -> Counts:
    """Check that the bins of a file follow each other and return them."""
    if len(table) == 0:
        raise UmbraError(f"{path}: region {region} has no bins")
    low, high, count = table[np.argsort(table[:, 0])].T
    bad = ~(low < high) | (count < 0.0)
    if bad.any():
        i = int(np.argmax(bad))
        raise UmbraError(
            f"{path}: region {region}: bin {low[i]:g}..{high[i]:g} with {count[i]:g} is not a bin with a count"
        )
    gap = ~np.isclose(low[1:], high[:-1], rtol=1e-9, atol=0.0)
    if gap.any():
        i = int(np.argmax(gap))
        raise UmbraError(
            f"{path}: region {region}: bins do not follow each other at {high[i]:g} and {low[i + 1]:g}"
        )
    return Counts(np.append(low, high[-1]), count)
