"""Decays per second on one core: tau pairs beside Pythia 8's, the new particles, and Pythia for what only it does.

Run with `./run python benchmarks/decays.py`. Prints a table; the ratio to Pythia is measured side by side, so that it
does not depend on what else the machine does.
"""

import time
from collections.abc import Callable

import numpy as np

from umbra.core.constants import TAU_MASS_GEV
from umbra.core.events import Events
from umbra.core.kinematics import Array
from umbra.core.machines import Machine
from umbra.core.particles import ALP, DARK_HIGGS, DARK_PHOTON
from umbra.core.pdg import mass_gev
from umbra.core.seeds import generator
from umbra.generation import pythia
from umbra.generation.decays import dark_higgs, inelastic, meson, tau, two_body
from umbra.generation.decays.registry import find as find_decay

MACHINE = Machine("superkekb", 7.007, 4.002, 83.0)
EVENTS = 100_000
PYTHIA_TAUS = (
    "WeakSingleBoson:ffbar2gmZ = on",
    "WeakZ0:gmZmode = 1",
    "23:onMode = off",
    "23:onIfAny = 15",
    "PDF:lepton = off",
    "PartonLevel:FSR = off",
)
PYTHIA_QUARKS = (
    "WeakSingleBoson:ffbar2gmZ = on",
    "WeakZ0:gmZmode = 1",
    "23:onMode = off",
    "23:onIfAny = 1 2 3 4",
    "PDF:lepton = off",
)


def main() -> None:
    """Print the table; processor time counts, so that other work on the machine does not."""
    rng = generator("benchmark", "decays")
    taus = _events((15, -15), (TAU_MASS_GEV, TAU_MASS_GEV), rng)
    photons = _events((22, DARK_PHOTON), (0.0, 3.0), rng)
    higgs = _events((DARK_PHOTON, DARK_HIGGS), (1.0, 3.0), rng)
    alps = _events((22, ALP), (0.0, 1.0), rng)
    electron = (11, 0.000511)
    b_mesons = meson.b_pairs(EVENTS, MACHINE, 521, rng)
    tau.decay_taus(taus.select(slice(0, 100)), MACHINE, rng)  # builds the tables
    ours = _line("tau pairs, all decays", EVENTS, lambda: tau.decay_taus(taus, MACHINE, rng))
    _line("tau pairs, leptons", EVENTS, lambda: find_decay("tau_pairs_to_leptons")(taus, MACHINE, rng))
    _line("A' -> mu mu", EVENTS, lambda: find_decay("dark_photon_to_mumu")(photons, MACHINE, rng))
    _line("A' h' -> 6 leptons", EVENTS, lambda: dark_higgs.decay(higgs, MACHINE, rng, (electron,) * 3))
    _line(
        "A' -> chi1 chi2 -> e e", EVENTS, lambda: inelastic.decay(photons, MACHINE, rng, (3.0, 0.1), electron)
    )
    _line(
        "a -> gamma gamma",
        EVENTS,
        lambda: two_body.decay_new_particle(alps, ALP, ((22, 0.0), (22, 0.0)), rng),
    )
    _line("B -> K X", EVENTS, lambda: two_body.momenta(b_mesons[:, 0], (mass_gev(321), 1.0), rng))
    theirs = _line(
        "Pythia, tau pairs", 1000, lambda: next(pythia.collisions(PYTHIA_TAUS, MACHINE, 1000, "taus"))
    )
    _line("Pythia, q qbar", 5000, lambda: next(pythia.collisions(PYTHIA_QUARKS, MACHINE, 5000, "quarks")))
    _line("Pythia, B Bbar", 5000, lambda: pythia.decays([521, -521], b_mesons[:5000], [], "mesons"))
    print(f"tau pairs: {ours / theirs:.0f} times Pythia")


def _events(pdg_ids: tuple[int, int], masses_gev: tuple[float, float], rng: np.random.Generator) -> Events:
    """Two-body final states, isotropic."""
    at_rest: Array = np.tile([0.0, 0.0, 0.0, MACHINE.sqrt_s_gev], (EVENTS, 1))
    first, second = two_body.momenta(at_rest, masses_gev, rng)
    return Events.from_momenta(pdg_ids, MACHINE.to_lab(np.stack([first, second], axis=1)))


def _line(name: str, count: int, run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    rate = count / (time.process_time() - start)
    print(f"{name:26s} {rate:10.3g} events/s")
    return rate


if __name__ == "__main__":
    main()
