"""Events as LHE or HepMC3 files, so that others can use them."""

import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import pyhepmc
import pylhe

from umbra.core.constants import ALPHA, ELECTRON, ELECTRON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.io import atomic_path
from umbra.core.kinematics import Array, mass_squared, momentum
from umbra.core.machines import AnyMachine
from umbra.generation.external.ancestry import mothers, proper_times_mm
from umbra.generation.external.block import INCOMING

#: Largest momentum that an event may have in its centre of mass, over sqrt(s).
_AT_REST = 1e-6
#: Digits of momenta in LHE files: enough to find the electron's mass again at 5 GeV.
_LHE = pylhe.LHEXMLFormat(
    weights=pylhe.LHEWeightFormat.NONE,
    particle="{id:8d} {status:2d} {mother1:2d} {mother2:2d} {color1:1d} {color2:1d} {px: .14e} {py: .14e} "
    "{pz: .14e} {e: .14e} {m: .11e} {lifetime:.11e} {spin:.1f}",
)


@dataclass(frozen=True)
class Header:
    """What a file says beside its events.

    Parameters
    ----------
    machine
        Where the events happen.
    generator, version
        What made them, and the version of Umbra that wrote them.
    cross_section_pb, cross_section_error_pb
        Of the sample.
    mean_weight
        Mean of the weights of all its events, which stands for the cross-section.
    """

    machine: AnyMachine
    generator: str
    version: str
    cross_section_pb: float
    cross_section_error_pb: float
    mean_weight: float


def write_lhe(path: Path, batches: Iterator[Events], header: Header) -> None:
    """Write events, given in the laboratory, in their centre of mass, as beams in LHE do not cross.

    A decayed particle keeps its daughters and its proper decay length (VTIMUP). Weights are in pb, their mean
    being the cross-section (IDWTUP = -4, which allows negative weights). The file is gzipped if its name ends
    in `.gz`, and appears only when it is complete.

    Raises
    ------
    UmbraError
        If an event was not produced at the origin, which LHE cannot say, or is not complete.
    """
    half = header.machine.sqrt_s_gev / 2.0
    init = pylhe.LHEInit(
        initInfo=pylhe.LHEInitInfo(ELECTRON, -ELECTRON, half, half, 0, 0, 0, 0, -4, 1),
        procInfo=[
            pylhe.LHEProcInfo(
                header.cross_section_pb, header.cross_section_error_pb, header.cross_section_pb, 1
            )
        ],
        generators=[pylhe.LHEGenerator(header.generator, header.version, "")],
    )
    to_pb = header.cross_section_pb / header.mean_weight
    stream = (
        _lhe_event(record, to_pb)
        for batch in batches
        for record in _records(batch, header.machine, lab=False)
    )
    with _new_file(path) as file, io.TextIOWrapper(cast(Any, file), encoding="utf-8") as text:
        pylhe.LHEFile(init=init, events=stream).write(text, _LHE)
        text.write("\n")


def write_hepmc(path: Path, batches: Iterator[Events], header: Header) -> None:
    """Write events in the laboratory, with beams, decay vertices and their times, as HepMC3 in GeV and mm.

    The file is gzipped if its name ends in `.gz`, and appears only when it is complete.

    Raises
    ------
    UmbraError
        If an event is not complete.
    """
    run = pyhepmc.GenRunInfo()
    run.tools = [(header.generator, header.version, "")]
    run.weight_names = ["nominal"]
    number = 0
    with _new_file(path) as file, pyhepmc.open(file, "w", precision=15) as writer:
        for batch in batches:
            for record in _records(batch, header.machine, lab=True):
                writer.write(_hepmc_event(record, number, run, header))
                number += 1


def writer_for(path: Path) -> Callable[[Path, Iterator[Events], Header], None]:
    """Return the writer for a file name.

    Raises
    ------
    UmbraError
        If it ends in none of `.lhe`, `.hepmc3`, `.lhe.gz` and `.hepmc3.gz`.
    """
    writers = {".lhe": write_lhe, ".hepmc3": write_hepmc}
    suffix = (path.with_suffix("") if path.suffix == ".gz" else path).suffix
    if suffix not in writers:
        raise UmbraError(f"{path}: the name must end in .lhe or .hepmc3, or in these and .gz")
    return writers[suffix]


@dataclass(frozen=True)
class _Record:
    """One event: the beams in the first two places, then the particles, without empty slots."""

    pdg_id: list[int]
    status: list[int]
    parents: list[tuple[int, int]]
    p4: Array
    mass: Array
    proper_time_mm: Array
    vertex_mm: Array
    weight: float


def _records(batch: Events, machine: AnyMachine, lab: bool) -> Iterator[_Record]:
    mother = mothers(batch)
    times = proper_times_mm(batch, mother)
    if "proper_time_mm" in batch.extra:
        undecayed = (batch.status == FINAL) & (batch.pdg_id >= 9_900_000)
        times = np.where(undecayed, batch.extra["proper_time_mm"][:, None], times)
    if not lab and batch.vertex_mm[mother < 0].any():
        raise UmbraError("an event was not produced at the origin, which LHE cannot say: use HepMC3")
    at_rest = machine.to_cm(batch.p4)
    sqrt_s = _energies(at_rest, batch, machine)
    beams = _beams(machine, sqrt_s, lab)
    p4 = np.concatenate([beams, batch.p4 if lab else at_rest], axis=1)
    masses = np.sqrt(np.maximum(mass_squared(p4), 0.0))
    masses[:, :2] = ELECTRON_MASS_GEV
    # Massless particles have a rounding error as mass.
    masses[:, 2:][np.abs(batch.pdg_id) == 22] = 0.0
    vertices = _vertices(batch, mother)
    for i in range(len(batch)):
        kept = np.flatnonzero(batch.pdg_id[i])
        place = np.full(batch.pdg_id.shape[1], -1)
        place[kept] = np.arange(3, len(kept) + 3)
        parents = [(1, 2) if mother[i, k] < 0 else (int(place[mother[i, k]]),) * 2 for k in kept]
        with_beams = np.concatenate([[0, 1], kept + 2])
        yield _Record(
            pdg_id=[ELECTRON, -ELECTRON, *batch.pdg_id[i, kept].tolist()],
            status=[INCOMING, INCOMING, *batch.status[i, kept].tolist()],
            parents=[(0, 0), (0, 0), *parents],
            p4=p4[i, with_beams],
            mass=masses[i, with_beams],
            proper_time_mm=np.concatenate([[0.0, 0.0], times[i, kept]]),
            vertex_mm=np.concatenate([np.zeros((2, 4)), vertices[i, kept]]),
            weight=float(batch.weight[i]),
        )


def _energies(at_rest: Array, batch: Events, machine: AnyMachine) -> Array:
    """Energy of each event in its centre of mass, shape (n,)."""
    total = (at_rest * (batch.status == FINAL)[..., None]).sum(axis=1)
    drift = momentum(total)
    worst = int(np.argmax(drift))
    if drift[worst] > _AT_REST * machine.sqrt_s_gev:
        raise UmbraError(
            f"the particles of an event have {drift[worst]:.3g} GeV of momentum in the centre of mass of "
            f"machine {machine.name}: particles are missing, or it is another machine's"
        )
    energies: Array = total[:, 3]
    return energies


def _beams(machine: AnyMachine, sqrt_s_gev: Array, lab: bool) -> Array:
    """Momenta of electron and positron, shape (n, 2, 4)."""
    out: Array = np.zeros((len(sqrt_s_gev), 2, 4))
    out[..., 3] = sqrt_s_gev[:, None] / 2.0
    along = np.sqrt(out[:, 0, 3] ** 2 - ELECTRON_MASS_GEV**2)
    out[:, 0, 2], out[:, 1, 2] = along, -along
    if lab:
        out = machine.to_lab(out)
    return out


def _vertices(batch: Events, mother: Any) -> Array:
    """Production points with their times c t, shape (n, k, 4), for hard processes at time zero."""
    out: Array = np.concatenate([batch.vertex_mm, np.zeros((*batch.pdg_id.shape, 1))], axis=-1)
    rows = np.arange(len(batch))
    for slot in range(mother.shape[1]):
        has = mother[:, slot] >= 0
        event, parent = rows[has], mother[has, slot]
        flight = np.linalg.norm(out[event, slot, :3] - out[event, parent, :3], axis=-1)
        p4 = batch.p4[event, parent]
        delay = np.divide(flight * p4[:, 3], momentum(p4), out=np.zeros(len(p4)), where=flight > 0.0)
        out[event, slot, 3] = out[event, parent, 3] + delay
    return out


def _lhe_event(record: _Record, to_pb: float) -> pylhe.LHEEvent:
    particles = [
        pylhe.LHEParticle(code, status, first, last, 0, 0, px, py, pz, e, mass, life, 9.0)
        for code, status, (first, last), (px, py, pz, e), mass, life in zip(
            record.pdg_id,
            record.status,
            record.parents,
            record.p4.tolist(),
            record.mass.tolist(),
            record.proper_time_mm.tolist(),
            strict=True,
        )
    ]
    sqrt_s = float(record.p4[0, 3] + record.p4[1, 3])
    return pylhe.LHEEvent(
        pylhe.LHEEventInfo(len(particles), 1, record.weight * to_pb, sqrt_s, ALPHA, 0.0), particles
    )


def _hepmc_event(record: _Record, number: int, run: Any, header: Header) -> Any:
    event = pyhepmc.GenEvent(run, pyhepmc.Units.GEV, pyhepmc.Units.MM)
    columns = dict(zip(("px", "py", "pz", "en"), record.p4.T, strict=True))
    places = dict(zip(("vx", "vy", "vz", "vt"), record.vertex_mm.T, strict=True))
    event.from_hepevt(
        number,
        **columns,
        **places,
        m=record.mass,
        pid=np.array(record.pdg_id, np.int32),
        status=np.array([{INCOMING: 4, FINAL: 1, DECAYED: 2}[status] for status in record.status], np.int32),
        parents=np.array(record.parents, np.int32),
    )
    event.weights = [record.weight]
    cross_section = pyhepmc.GenCrossSection()
    event.cross_section = cross_section
    cross_section.set_cross_section(header.cross_section_pb, header.cross_section_error_pb, -1, -1)
    return event


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that appears when it is complete; equal content makes equal bytes, as no time enters."""
    with atomic_path(path) as temporary, temporary.open("wb") as raw:
        if path.suffix != ".gz":
            yield raw
            return
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed:
            yield cast(IO[bytes], packed)
