"""Everything that one channel publishes, in one folder and one ZIP."""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from umbra.config.records import Channel
from umbra.core.bibliography import Paper, bibtex
from umbra.core.errors import UmbraError
from umbra.core.io import atomic_open, atomic_path
from umbra.core.paths import checkout
from umbra.core.provenance import library_version
from umbra.core.records import no_such
from umbra.core.vocabulary import QUANTITIES
from umbra.inference.hypothesis import FittedPoint, LimitedPoint, read_fits, read_limits
from umbra.inference.workspace import read_archive
from umbra.publication import hepdata, hs3, likelihoods
from umbra.publication.hepdata import LimitTable
from umbra.publication.likelihoods import Likelihood
from umbra.publication.readme import readme
from umbra.results.limits import LimitRow, groups
from umbra.results.limits import read_limits as read_table

#: Fixed stamp of the members of an archive, so that equal results make equal files.
_STAMP = (1980, 1, 1, 0, 0, 0)
#: Tables of a channel that are published as they are, where they are there.
_COPIED = ("contours.csv", "efficiency.csv", "cutflow.csv", "limits.provenance.json")
UMBRA = Paper(
    "The Umbra developers, Umbra: dark-sector exclusion limits of e+e- colliders, regenerated end to end"
)


def publish(channel: Channel, results: Path, folder: Path, record: str = likelihoods.NO_RECORD) -> Path:
    """Write the archive of a channel that has been run.

    Parameters
    ----------
    channel
        As it was run.
    results
        Its folder of results.
    folder
        That the archive is written to, which must be new or empty.
    record
        Identifier of INSPIRE that patch sets name.

    Returns
    -------
    Path
        The ZIP beside the folder.

    Raises
    ------
    UmbraError
        If results are missing, the folder holds something else, or the submission is not valid.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UmbraError(f"{folder}: not empty; take it away, or name another folder with --output")
    if not (results / "limits.csv").is_file():
        raise UmbraError(f"{results}: no limits; run the channel first")
    rows = read_table(results / "limits.csv")
    found = read_likelihoods(results)
    known = [each.name for each in channel.interpretations]
    for name in found:
        if name not in known:
            raise UmbraError(f"{results}: {no_such('interpretation', name, known)}: run the channel again")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("limits.csv", *_COPIED):
        if (results / name).is_file():
            (folder / name).write_bytes((results / name).read_bytes())
    with atomic_open(folder / "limits.json") as stream:
        json.dump([asdict(row) for row in rows], stream, indent=1, allow_nan=False)
        stream.write("\n")
    for name, members in found.items():
        likelihoods.write(folder / "likelihoods" / name, channel.name, members, record)
        hs3.write(folder / "likelihoods" / name / "hs3", members)
    tables = list(tables_of(channel, rows))
    methods = sorted({row.method for row in rows if row.converged})
    text = readme(channel, list(found), methods, record)
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / "references.bib").write_text(bibtex(papers_of(channel)), encoding="utf-8")
    about = {"LICENSE": "licence of the numbers and of Umbra", "CITATION.cff": "how Umbra is cited"}
    top = checkout()
    for name in about if top is not None else ():
        (folder / name).write_bytes((Path(str(top)) / name).read_bytes())
    hepdata.write(folder / "hepdata", f"{channel.title}: {channel.reference.citation}", tables, {})
    return _zipped(folder)


def read_likelihoods(results: Path) -> dict[str, list[Likelihood]]:
    """Points with a limit by interpretation, in the order of the blocks."""
    found: dict[str, list[Likelihood]] = {}
    for block in sorted((results / "fits").glob("block_*.json")):
        limits = {(each.interpretation, each.point): each for each in _limits(results, block)}
        workspaces = read_archive(results / "workspaces" / f"{block.stem}.zip")
        for fit in _fits(block):
            limit = limits[fit.interpretation, fit.point]
            if limit.status == "converged":
                member = Likelihood(fit, limit, workspaces[str(fit.member)])
                found.setdefault(fit.interpretation, []).append(member)
    if not found:
        raise UmbraError(f"{results}: no point has a limit")
    return found


def _fits(block: Path) -> list[FittedPoint]:
    return read_fits(block)


def _limits(results: Path, block: Path) -> list[LimitedPoint]:
    return read_limits(results / "limits" / block.name)


def tables_of(channel: Channel, rows: Sequence[LimitRow]) -> Iterator[LimitTable]:
    """Tables of the submission: one for each quantity but the yield, and for each interpretation."""
    for quantity in dict.fromkeys(row.quantity for row in rows if row.quantity != "yield"):
        for key, members in groups(rows, quantity).items():
            for number, part in enumerate(_alike(row for row in members if row.converged)):
                model, _, luminosity_fb, lifetime_mm = key
                words = [
                    quantity,
                    *filter(None, (str(model or ""),)),
                    *([f"{luminosity_fb:g}fb"] if luminosity_fb is not None else []),
                    *([f"{lifetime_mm:g}mm"] if lifetime_mm is not None else []),
                    *([str(number + 1)] if number else []),
                ]
                yield LimitTable(
                    name=" ".join(words)[:64],
                    title=f"Upper limits on {quantity} of {channel.title}" + (f", {model}" if model else ""),
                    quantity=quantity,
                    unit=_unit(quantity),
                    location=f"results/{channel.name}/exclusion.pdf of Umbra",
                    rows=part,
                    qualifiers=_qualifiers(channel, part, luminosity_fb),
                )


def _alike(rows: Iterable[LimitRow]) -> Iterator[list[LimitRow]]:
    """Rows with and without an observed limit, or without expected ones, apart: a column has no holes."""
    kinds: dict[tuple[bool, bool], list[LimitRow]] = {}
    for row in rows:
        kinds.setdefault((row.observed is not None, row.expected is not None), []).append(row)
    yield from kinds.values()


def _unit(quantity: str) -> str:
    if quantity.endswith("_fb"):
        return "fb"
    return {"gev": "GeV$^{-1}$", "tev": "TeV$^{-1}$"}.get(quantity.rpartition("_per_")[2], "")


def _qualifiers(channel: Channel, rows: Sequence[LimitRow], luminosity_fb: object) -> Mapping[str, str]:
    energies = sorted({round(each.machine.sqrt_s_gev, 3) for each in channel.samples.values()})
    amount = channel.luminosity_fb() if luminosity_fb is None else luminosity_fb
    return {
        "confidence level": f"{channel.limit.level:g}",
        "method": ", ".join(sorted({row.method for row in rows})),
        "luminosity in 1/fb": f"{amount:g}",
        "sqrt(s) in GeV": ", ".join(f"{each:g}" for each in energies),
        "convention": QUANTITIES[rows[0].quantity].convention or "none",
        "made by": f"Umbra {library_version()}, parametrised detector: no result of the collaboration",
    }


def papers_of(channel: Channel) -> list[Paper]:
    """What whoever uses the archive cites."""
    return [Paper(channel.reference.citation, channel.reference.arxiv), UMBRA]


def _zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                name = f"{folder.name}/{each.relative_to(folder)}"
                archive.writestr(zipfile.ZipInfo(name, _STAMP), each.read_bytes(), zipfile.ZIP_DEFLATED)
    return path
