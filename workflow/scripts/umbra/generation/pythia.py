"""Pythia 8 as a generator: hadronisation of e+e- -> q qbar, and decays of particles of given momenta.

C. Bierlich et al., SciPost Phys. Codebases 8 (2022), arXiv:2203.11601. The version is pinned in
pyproject.toml. Settings are data: Pythia's own `name = value` lines. The seed comes from names as
everywhere (`umbra.core.seeds`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import awkward as ak
import numpy as np
import pythia8mc
from numpy.typing import NDArray

from umbra.core.errors import UmbraError
from umbra.core.events import FINAL, Events
from umbra.core.kinematics import Array
from umbra.core.machines import AnyMachine
from umbra.core.seeds import entropy

#: Pythia leaves particles with a longer mean decay length (mm) to the detector: pi+-, K+-, K_L, muons,
#: neutrons.
KEEP_ABOVE_MM = 1000.0

#: Pythia's seeds are below this.
_SEEDS = 900_000_000

_COMMON = (
    "Print:quiet = on",
    "Random:setSeed = on",
    "ParticleDecays:limitTau0 = on",
    f"ParticleDecays:tau0Max = {KEEP_ABOVE_MM}",
    # A light f0(1370), made once in 1e5 charm events, would find no open channel and stay: all are open from here.
    "10221:mMin = 1.1",
)
_PARTONS = (1, 2, 3, 4, 5, 6, 21)

#: A given final state is decayed, and nothing else happens to it.
_DECAYS_ONLY = (
    "Beams:frameType = 5",
    "PartonLevel:ISR = off",
    "PartonLevel:FSR = off",
    "PartonLevel:MPI = off",
    "PartonLevel:Remnants = off",
    "LesHouches:matchInOut = off",
    # The beams are made up: charge and momentum of what is fired need not be theirs.
    "Check:event = off",
)


def collisions(
    settings: Sequence[str],
    machine: AnyMachine,
    count: int,
    *names: str | int | float,
    slots: int = 64,
    batch: int = 20_000,
) -> Iterator[Events]:
    """Generate e+e- collisions: final particles and their vertices in the laboratory, in batches.

    They collide in the centre of mass at the nominal energy, electron along +z. Initial-state radiation is
    Pythia's unless the settings switch it off; it is no replacement for a matrix element where a hard photon
    is looked for.

    Parameters
    ----------
    settings
        Processes and other settings, such as `WeakSingleBoson:ffbar2gmZ = on`.
    machine
        Where the collisions happen.
    count
        Number of events.
    *names
        What identifies the stream of random numbers.
    slots
        Room for final particles in each event.
    batch
        Events in memory at once.

    Raises
    ------
    UmbraError
        For a setting that Pythia does not know, for settings with which it does not start or makes no
        events, and for events with more particles than slots.
    """
    beams = ("Beams:idA = 11", "Beams:idB = -11", f"Beams:eCM = {machine.sqrt_s_gev!r}")
    pythia = _configured((*beams, *settings), names)
    _start(pythia, settings)
    for start in range(0, count, batch):
        yield _final_particles(_next(pythia, min(batch, count - start)), slots, machine)


def cross_section_pb(
    settings: Sequence[str], machine: AnyMachine, *names: str | int | float, events: int = 10_000
) -> tuple[float, float]:
    """Cross-section of Pythia's processes and its statistical error in pb; lowest order in them.

    Parameters
    ----------
    settings, machine, *names
        As for `collisions`.
    events
        How many are generated for it.
    """
    beams = (
        "Beams:idA = 11",
        "Beams:idB = -11",
        f"Beams:eCM = {machine.sqrt_s_gev!r}",
        "HadronLevel:all = off",
    )
    pythia = _configured((*beams, *settings), names)
    _start(pythia, settings)
    pythia.nextBatch(events)
    info = pythia.infoPython()
    # Pythia counts in mb.
    return info.sigmaGen() * 1e9, info.sigmaErr() * 1e9


def decays(
    pdg_ids: Sequence[int], p4: Array, settings: Sequence[str], *names: str | int | float, slots: int = 64
) -> Events:
    """Decay particles of given momenta and return the final particles.

    Parameters
    ----------
    pdg_ids
        The k particles of each event.
    p4
        Momenta in the frame in which the result is wanted, shape (n, k, 4). Vertices are counted from the
        point where these particles are made.
    settings
        Branching fractions, lifetimes, new particles: `521:onMode = off`, `521:addChannel = 1 1. 0 321
        9900035`.
    *names
        What identifies the stream of random numbers.
    slots
        Room for final particles in each event.

    Raises
    ------
    UmbraError
        As for `collisions`.
    """
    pythia = _configured((*_DECAYS_ONLY, *settings), names)
    # Pythia does not own the Python object: the name keeps it alive.
    gun = _Gun(pdg_ids, p4)
    pythia.setLHAupPtr(gun)
    _start(pythia, settings)
    return _final_particles(_next(pythia, len(p4)), slots, None)


class _Gun(pythia8mc.LHAup):  # type: ignore[misc]
    """Les Houches events in memory: made-up beams, and the particles to be decayed as the final state."""

    _PROCESS = 9999
    _UNPOLARISED = 9.0

    def __init__(self, pdg_ids: Sequence[int], p4: Array) -> None:
        super().__init__()
        self._pdg_ids = [int(pdg_id) for pdg_id in pdg_ids]
        self._p4 = p4.tolist()
        squared = p4[..., 3] ** 2 - (p4[..., :3] ** 2).sum(axis=-1)
        self._mass = np.sqrt(np.maximum(squared, 0.0)).tolist()
        self._half = (0.5 * p4[..., 3].sum(axis=1)).tolist()
        self._event = 0

    def setInit(self) -> bool:  # noqa: N802 (Pythia's name)
        """Declare beams and one process; the energies only have to be there."""
        energy = max(self._half)
        self.setBeamA(11, energy)
        self.setBeamB(-11, energy)
        self.setStrategy(3)
        self.addProcess(self._PROCESS, 1.0, 0.0, 1.0)
        return True

    def setEvent(self, _process: int = 0) -> bool:  # noqa: N802 (Pythia's name)
        """Hand over the next event."""
        half = self._half[self._event]
        self.setProcess(self._PROCESS, 1.0, 1.0, 0.0, 0.0)
        for pdg_id, sign in ((11, 1.0), (-11, -1.0)):
            self.addParticle(pdg_id, -1, 0, 0, 0, 0, 0.0, 0.0, sign * half, half, 0.0, 0.0, self._UNPOLARISED)
        rows = zip(self._pdg_ids, self._p4[self._event], self._mass[self._event], strict=True)
        for pdg_id, p, mass in rows:
            self.addParticle(pdg_id, 1, 1, 2, 0, 0, p[0], p[1], p[2], p[3], mass, 0.0, self._UNPOLARISED)
        self._event += 1
        return True


def _configured(settings: Sequence[str], names: Sequence[str | int | float]) -> Any:
    pythia = pythia8mc.Pythia("", False)
    for line in (*_COMMON, f"Random:seed = {1 + entropy(*names) % (_SEEDS - 1)}", *settings):
        if not pythia.readString(line, False):
            raise UmbraError(f"Pythia does not know the setting '{line}'")
    return pythia


def _start(pythia: Any, settings: Sequence[str]) -> None:
    if not pythia.init():
        raise UmbraError(f"Pythia does not start with the settings {list(settings)}")


def _next(pythia: Any, count: int) -> ak.Array:
    """Generate; Pythia gives an event that it could not finish as an empty one."""
    particles = pythia.nextBatch(count).prt
    failed = int(ak.sum(ak.num(particles) == 0))
    if failed:
        raise UmbraError(f"Pythia failed in {failed} of {count} events")
    return particles


def _final_particles(particles: ak.Array, slots: int, machine: AnyMachine | None) -> Events:
    """Turn Pythia's records into padded arrays, in the laboratory if a machine is given."""
    final = particles[particles.status > 0]
    largest = int(ak.max(ak.num(final)))
    if largest > slots:
        raise UmbraError(
            f"Pythia: an event has {largest} final particles, but only {slots} slots are allowed"
        )
    pdg_id: NDArray[np.int32] = _padded(final.id, slots).astype(np.int32)
    if np.isin(np.abs(pdg_id), _PARTONS).any():
        raise UmbraError("Pythia: quarks or gluons are left; the settings must not switch hadronisation off")
    p4 = _four_vectors(final.p, slots)
    # Pythia leaves out the vertex of particles from the origin.
    vertex = _four_vectors(ak.fill_none(final.vProd, {"px": 0.0, "py": 0.0, "pz": 0.0, "e": 0.0}), slots)
    if machine is not None:
        p4, vertex = machine.to_lab(p4), machine.to_lab(vertex)
    return Events(
        pdg_id=pdg_id,
        p4=p4,
        weight=np.ones(len(pdg_id)),
        vertex_mm=vertex[..., :3],
        status=np.where(pdg_id != 0, FINAL, 0).astype(np.int8),
    )


def _four_vectors(records: ak.Array, slots: int) -> Array:
    return np.stack([_padded(records[name], slots) for name in ("px", "py", "pz", "e")], axis=-1)


def _padded(column: ak.Array, slots: int) -> NDArray[Any]:
    padded = ak.fill_none(ak.pad_none(column, slots, axis=1, clip=True), 0)
    return np.asarray(ak.to_numpy(padded))
