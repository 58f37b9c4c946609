"""Read the finished results of every channel as limits on a model of one's own: `umbra recast MODEL.yaml`."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from umbra.config import channel_yaml, model_file
from umbra.config.channel_yaml import Given
from umbra.config.folders import Folders
from umbra.config.model_file import ModelFile
from umbra.config.plane_axes import Plane, parsed
from umbra.config.records import Channel
from umbra.core.errors import UmbraError
from umbra.plotting.recast import Excluded, plot_recast
from umbra.plotting.recast_plane import plot_plane
from umbra.recast import files
from umbra.recast.applicability import Applicable, applicable
from umbra.recast.limits import Recast, RecastRow, recast
from umbra.recast.own_model import OwnModel, build
from umbra.recast.plane import Rates, corners, rates, scan
from umbra.results.limits import VALUES

#: Masses in GeV at which `--print` gives widths and branching fractions.
PRINTED_GEV = (0.01, 0.1, 0.3, 0.5, 0.77, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)


def main(arguments: Sequence[str]) -> int:
    """Recast every channel that has results; 0, or 1 where none applies."""
    parser = argparse.ArgumentParser(
        prog="umbra recast",
        description=(
            "Read the finished results of every channel as limits on a model of one's own: the signals are weighted "
            "anew, the workspaces are fitted again, and tables and a figure are written."
        ),
    )
    parser.add_argument("model", help="a YAML file, or the name of one in config/models")
    parser.add_argument("--channels", nargs="+", metavar="CHANNEL", help="only these")
    parser.add_argument("--print", action="store_true", help="only print widths and branching fractions")
    parser.add_argument(
        "--plane",
        nargs="*",
        metavar="AXIS",
        help="two axes PARAMETER:LOW:HIGH[:POINTS[:SCALE]], where a parameter is mass_gev, coupling or the place of a "
        "number in the file, such as couples/charges/electron; none: the plane that the file says",
    )
    parser.add_argument(
        "--at",
        nargs="+",
        default=[],
        metavar="PARAMETER=VALUE",
        help="of a plane: parameters that are no axis",
    )
    parser.add_argument(
        "--config", type=Path, default=Path("config"), metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="default: recast/<model> in the folder of the results"
    )
    options = parser.parse_args(arguments)
    folders = Folders.of(options.config)
    named = Path(options.model)
    path = named if named.suffix in (".yaml", ".yml") else folders.find("models", options.model)
    file = model_file.load(path)
    model = build(file)
    if options.print:
        print(json.dumps(list(_widths(model)), indent=1))
        return 0
    output = options.output or options.results / "recast" / path.stem
    if options.plane is not None:
        plane = chosen_plane(file, options.plane, options.at, path)
        return _scan_plane(file, plane, folders, options.results, output, options.channels)
    return _recast_all(model, folders, options.results, output, options.channels)


def chosen_plane(file: ModelFile, axes: Sequence[str], at: Sequence[str], path: Path) -> Plane:
    """Plane of the command line, or that of the file.

    Raises
    ------
    UmbraError
        If there is none, or what is said makes none.
    """
    if axes:
        if len(axes) != 2:
            raise UmbraError(f"--plane: a plane has two axes, and {len(axes)} are given")
        return parsed(axes, at)
    if file.plane is None:
        raise UmbraError(f"--plane: {path} says no plane; give two axes")
    return file.plane


def _scan_plane(
    file: ModelFile,
    plane: Plane,
    folders: Folders,
    results: Path,
    folder: Path,
    channels: Sequence[str] | None,
) -> int:
    models = corners(file, plane)
    found: list[Rates] = []
    for channel in _channels(folders, channels):
        said = rates(channel, models, results / channel.name)
        print(f"{channel.name}: {said if isinstance(said, str) else 'applies'}")
        if isinstance(said, Rates):
            found.append(said)
    if not found:
        print(f"umbra recast: no channel with results says anything of {file.title}", file=sys.stderr)
        return 1
    done = scan(file, plane, found)
    titles = {each.channel.name: f"{each.channel.experiment}: {each.channel.title}" for each in found}
    plot_plane(folder / "plane", file, done, titles)
    excluded = done.strongest("expected")[0] >= 1.0
    print(f"{excluded.size} points, {excluded.mean():.1%} excluded; written: {folder}")
    return 0


def _channels(folders: Folders, names: Sequence[str] | None) -> Iterable[Channel]:
    known = folders.files("channels")
    for each in names or ():
        folders.find("channels", each)
    for each in names or known:
        yield channel_yaml.read(Given(each, known[each]), folders, "default", {"kind": "asimov"})


def _recast_all(
    model: OwnModel, folders: Folders, results: Path, folder: Path, channels: Sequence[str] | None
) -> int:
    found: list[Applicable] = []
    done: dict[str, tuple[Channel, Recast]] = {}
    for channel in _channels(folders, channels):
        each = channel.name
        said = applicable(channel, model)
        if said.interpretations and not (results / each / "limits.csv").is_file():
            said = Applicable(each, {}, f"it would apply, but {results / each} has no results: run it first")
        found.append(said)
        if said.interpretations:
            done[each] = channel, recast(channel, said, model, results / each)
        print(f"{each}: {said.verdict}" + (f": {said.reason}" if said.reason else ""))
    coupling = model.file.coupling.name
    rows = [row for _, part in done.values() for row in part.rows]
    regions = [(each, reading, line) for each, (_, part) in done.items() for reading, line in part.regions]
    files.write_channels(folder / "channels.csv", found)
    files.write_limits(folder / "limits.csv", coupling, rows)
    files.write_regions(folder / "contours.csv", regions)
    if not done:
        print(f"umbra recast: no channel with results says anything of {model.file.title}", file=sys.stderr)
        return 1
    plot_recast(folder / "exclusion", model.file, [_excluded(*each) for each in done.values()])
    for each, (_, part) in done.items():
        print(_comparison(each, part.rows))
    print(f"written: {folder}")
    return 0


def _excluded(channel: Channel, part: Recast) -> Excluded:
    first = next((row.interpretation for row in part.rows), "")
    return Excluded(
        channel=channel.name,
        experiment=channel.experiment,
        title=channel.title,
        rows=[row for row in part.rows if row.interpretation == first and row.lifetime_mm is None],
        regions=[outline for _, outline in part.regions if outline.level == "expected"],
        vetoed_gev=channel.masses.vetoed_gev,
    )


def _comparison(channel: str, rows: Sequence[RecastRow]) -> str:
    """Say how far fitting again and rescaling are apart, in the expected coupling."""
    median = VALUES.index("expected")
    both = [
        (row.values[median], row.rescaled[median])
        for row in rows
        if row.values[median] is not None and row.rescaled[median] is not None
    ]
    if not both:
        return f"{channel}: no limit"
    ratios = np.array([float(new or 0.0) / float(old or 1.0) for new, old in both])
    low, middle, high = np.quantile(ratios, [0.0, 0.5, 1.0])
    found = f"median {middle:.4f}, from {low:.4f} to {high:.4f} at {len(both)} points"
    return f"{channel}: fitted again over rescaled: {found}"


def _widths(model: OwnModel) -> Iterable[dict[str, float | str]]:
    """Width, decay length and branching fractions at a coupling of one, where something can decay."""
    for mass in PRINTED_GEV:
        if not model.covers(mass):
            continue
        try:
            fractions = {
                state: model.branching_fraction(mass, state)
                for state in (*model.decays.final_states, *model.decays.parts)
            }
            width = model.total_width_gev(mass, 1.0)
        except UmbraError as error:
            yield {"mass_gev": mass, "reason": str(error)}
            continue
        yield {"mass_gev": mass, "width_gev": width, "ctau_mm": model.ctau_mm(mass, 1.0), **fractions}
