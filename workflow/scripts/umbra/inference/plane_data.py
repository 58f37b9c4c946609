"""The data of a channel that scans a plane of two masses: weighted points (counts: `umbra.inference.pseudodata`)."""

import csv
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from umbra.config.interpretations import Region, coupling_of
from umbra.core import seeds
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.root import new_root_file, open_root
from umbra.expectation.candidates import PlaneSearch, Points

log = logging.getLogger(__name__)

PlaneData = dict[str, Points]

#: Points that stand for an injected signal.
_SIGNAL_POINTS = 10_000


def make(search: PlaneSearch, settings: Mapping[str, Any]) -> PlaneData | None:
    """Return the points of each region; `None` for plain Asimov data, which observe nothing.

    Asimov data with a signal are the simulated candidates with their expected numbers as weights, a toy has each of
    them as often as a Poisson distribution of that mean says.

    Raises
    ------
    UmbraError
        For a data file that does not fit the channel.
    """
    if settings["kind"] == "file":
        return from_file(Path(settings["file"]), search)
    injection = settings.get("inject")
    if settings["kind"] == "asimov" and injection is None:
        return None
    data = {}
    for region in search.settings["regions"]:
        rng = seeds.generator(
            search.settings["name"], "plane", settings.get("seed", "asimov"), region["name"]
        )
        parts = [
            Points(points.x, points.y, points.weight * search.luminosity_pb())
            for points in search.candidates[region["name"]].values()
        ]
        if injection is not None:
            parts.append(injected(search, region, injection, rng))
        points = Points(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "y", "weight"))
        )
        if settings["kind"] == "toy":
            times = rng.poisson(points.weight)
            points = Points(np.repeat(points.x, times), np.repeat(points.y, times), np.ones(times.sum()))
        data[region["name"]] = points
    return data


def injected(
    search: PlaneSearch, region: Region, injection: Mapping[str, float], rng: np.random.Generator
) -> Points:
    """Points of a signal of the main model: a Gaussian with the simulated covariance, and the yield of its window.

    Raises
    ------
    UmbraError
        If the second mass is missing, or no generated points surround the masses.
    """
    main = search.settings["models"][0]
    if "mass2_gev" not in injection:
        raise UmbraError(
            f"channel {search.settings['name']}: data/inject: needs mass2_gev in a plane of two masses"
        )
    point = (injection["mass_gev"], injection["mass2_gev"])
    model = search.signals[region["name"]]
    if not model.covers(*point):
        raise UmbraError(
            f"channel {search.settings['name']}: data/inject: no signal is simulated at {point} GeV"
        )
    if region not in search.regions_at(point[0], main):
        return Points(*np.zeros((3, 0)))
    strength = injection["coupling"] ** coupling_of(search.settings, main)["power"] / search.coupling_power(
        main
    )
    expected, _ = search.signal_yield(region, point, main)
    window = model.windows([point])
    ((xx, xy, yy),) = window.covariance
    x, y = rng.multivariate_normal(window.centre[0], [[xx, xy], [xy, yy]], _SIGNAL_POINTS).T
    # The yield is that inside of the window.
    inside = window.distance2(np.zeros(len(x), int), *(np.stack([x, y]) - window.centre.T)) < 1.0
    return Points(x, y, np.full(len(x), strength * expected / inside.sum()))


def write(path: Path, data: PlaneData | None) -> None:
    """Write the points as trees named after the regions; `kind` tells plain Asimov data, which have none."""
    with new_root_file(path) as file:
        file["kind"] = "asimov" if data is None else "points"
        for name, points in (data or {}).items():
            file.mktree(name, {column: np.dtype(float) for column in vars(points)})
            file[name].extend(vars(points))


def read(path: Path) -> PlaneData | None:
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
        return {name: Points(**file[name].arrays(library="np")) for name in names}


def from_file(path: Path, search: PlaneSearch) -> PlaneData:
    """Read somebody's events: a ROOT tree for each region, or a CSV `region,value,value2`.

    In the tree the branches have the names of the two search variables.

    Raises
    ------
    UmbraError
        For a missing file, column or region, and for values that are not numbers.
    """
    if not path.is_file():
        raise UmbraError(f"channel {search.settings['name']}: data file {path} does not exist")
    tables = _from_root(path, search) if path.suffix == ".root" else _from_csv(path, search)
    data = {}
    for name, table in tables.items():
        if not np.isfinite(table).all():
            raise UmbraError(f"{path}: region {name}: {table[~np.isfinite(table)][0]} is not a finite value")
        data[name] = Points(table[:, 0], table[:, 1], np.ones(len(table)))
    log.info("%s: %s", path, {name: len(points.x) for name, points in data.items()})
    return data


def _from_root(path: Path, search: PlaneSearch) -> dict[str, Array]:
    with open_root(path, "needs a tree for each region with branches for its two variables") as file:
        return {
            region["name"]: np.stack(
                [file[region["name"]][region[key]].array(library="np") for key in ("variable", "variable2")],
                axis=1,
            ).astype(float)
            for region in search.settings["regions"]
        }


def _from_csv(path: Path, search: PlaneSearch) -> dict[str, Array]:
    tables: dict[str, list[list[float]]] = {region["name"]: [] for region in search.settings["regions"]}
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if list(reader.fieldnames or []) != ["region", "value", "value2"]:
            raise UmbraError(
                f"{path}: columns {','.join(reader.fieldnames or [])} are not region,value,value2"
            )
        for line, row in enumerate(reader, start=2):
            if row["region"] not in tables:
                known = ", ".join(tables)
                raise UmbraError(f"{path}: line {line}: there is no region '{row['region']}'; known: {known}")
            try:
                tables[row["region"]].append([float(row["value"]), float(row["value2"])])
            except (TypeError, ValueError) as error:
                raise UmbraError(f"{path}: line {line}: {error}") from error
    return {name: np.array(rows).reshape(-1, 2) for name, rows in tables.items()}
