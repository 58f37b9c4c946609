"""Speed of generation, detector and selection against Pythia 8 and against reading the same events.

    ./run python benchmarks/generation.py [--events N] [--lhe FILE]

Everything runs in this process on one thread, one after the other, several rounds of it; the best round counts. Times
are those of the processor, so that a busy machine does not matter much. Signals pass in batches as in a skim
(`umbra.core.events.PARTICLES`). Compilation, adaptation of the samplers and initialisation of Pythia are not counted.
Start it with ./run, which sets how memory is handed back, as for every job. Exit code 1 if a bound is missed:

* sample, boost, smear and select a 2 -> 2 signal: 1e6 events/s,
* unweighted events of four leptons: 1e4 events/s.
"""

# ruff: noqa: E402

import os

# Before NumPy is loaded: one thread.
for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

import numpy as np
import pylhe
import pythia8mc

from umbra.config.project import load
from umbra.core.events import PARTICLES, Events
from umbra.core.machines import Machine
from umbra.detector.detector import Detector, Reconstructed
from umbra.generation.decays.alp import to_photons
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler
from umbra.selection import recoil_dimuon, three_photons
from umbra.selection.cutflow import Cutflow

ROUNDS = 3
#: Events of one batch of a 2 -> 2 signal whose new particle decays to two.
BATCH = PARTICLES // 4
CONFIG = ROOT / "config"
LHE = ROOT / "tests/data/gamma_alp_m1.lhe.gz"


@dataclass
class Row:
    """One thing to measure: `run` handles `count` events; `bound` is the least rate in events/s."""

    name: str
    count: int
    run: Callable[[], object]
    bound: float | None = None
    best: float = np.inf

    repeat: int = 1

    def measure(self) -> None:
        """Run once (or as often as it is to be repeated) and keep the shortest time."""
        start = time.process_time()
        for _ in range(self.repeat):
            self.run()
        self.best = min(self.best, (time.process_time() - start) / self.repeat)

    @property
    def rate(self) -> float:
        """Events per second of processor time."""
        return self.count / self.best


def sampler(process: str, machine: Machine, cuts: Cuts, **parameters: float) -> Sampler:
    """Sampler of a process, adapted."""
    return Sampler(find(process), machine, parameters, cuts, rng=np.random.default_rng(1))


def pythia(count: int) -> Callable[[], object]:
    """e+e- -> mu+mu- at lowest order."""
    generator = pythia8mc.Pythia("", False)
    settings = """
        Beams:idA = 11
        Beams:idB = -11
        Beams:eCM = 10.58
        PDF:lepton = off
        WeakSingleBoson:ffbar2gmZ = on
        WeakZ0:gmZmode = 1
        23:onMode = off
        23:onIfAny = 13
        PartonLevel:ISR = off
        PartonLevel:FSR = off
        Print:quiet = on
    """
    for line in settings.strip().splitlines():
        generator.readString(line.strip())
    generator.init()
    # Batches come as arrays, which is the fast way to take events out of Pythia.
    return lambda: generator.nextBatch(count)


class SignalChain:
    """e+e- -> γa, a -> γγ through Belle II: each stage keeps its output for the next."""

    def __init__(self, count: int) -> None:
        channel = load({"channels": ["alp_3gamma_belle2"]}, CONFIG).records["alp_3gamma_belle2"]
        self.count = count
        self.machine = channel.machine
        self.detector = Detector.from_record(channel.detector.settings)
        self.options = three_photons.Options.model_validate(channel.selection.options)
        self.sampler = sampler("gamma_alp", self.machine, {}, mass_gev=1.0, coupling=1e-3)
        self.rng = np.random.default_rng(2)
        self.events = self.sample()
        self.photons = self.decay(self.boost(self.events))
        self.reco = self.smear(self.photons)

    def sample(self) -> Events:
        """Draw events in the centre of mass."""
        return self.sampler.generate(self.count, self.rng).events

    def boost(self, events: Events) -> Events:
        """Take them to the laboratory."""
        return events.with_p4(self.machine.to_lab(events.p4))

    def decay(self, events: Events) -> Events:
        """Let the new particle decay."""
        return to_photons(events, self.machine, self.rng)

    def smear(self, events: Events) -> Reconstructed:
        """Let the detector see them."""
        return self.detector.reconstruct(events, self.rng)

    def select(self, reco: Reconstructed) -> object:
        """Find candidates."""
        return three_photons.select(reco, self.machine, self.options, Cutflow())

    def rows(self, repeat: int) -> list[Row]:
        """Stages one by one, and the whole chain."""
        n = self.count

        def row(name: str, run: Callable[[], object], bound: float | None = None) -> Row:
            return Row(f"gamma a: {name}", n, run, bound, repeat=repeat)

        return [
            row("sample", self.sample),
            row("boost", lambda: self.boost(self.events)),
            row("decay to photons", lambda: self.decay(self.events)),
            row("smear (Belle II)", lambda: self.smear(self.photons)),
            row("select three photons", lambda: self.select(self.reco)),
            row(
                "whole chain",
                lambda: self.select(self.smear(self.decay(self.boost(self.sample())))),
                bound=1e6,
            ),
        ]


def muon_rows(chain: SignalChain, repeat: int) -> list[Row]:
    """Muon pairs, through the detector and the selection of recoils as well."""
    count = chain.count
    muons = sampler("mumu", chain.machine, {})
    rng = np.random.default_rng(3)
    name = "zprime_invisible_belle2_2018"
    selection = load({"channels": [name]}, CONFIG).records[name].selection
    options = recoil_dimuon.Options.model_validate(selection.options)

    def whole() -> object:
        events = chain.boost(muons.generate(count, rng).events)
        return recoil_dimuon.select(
            chain.detector.reconstruct(events, rng), chain.machine, options, Cutflow()
        )

    return [
        Row("mu mu: Pythia 8", count, pythia(count)),
        Row("mu mu: sample", count, lambda: muons.generate(count, rng), repeat=repeat),
        Row("mu mu: sample, boost, smear, select", count, whole, bound=1e6, repeat=repeat),
    ]


def background_rows(count: int, machine: Machine) -> list[Row]:
    """Unweighted events of exact tree-level backgrounds."""
    rng = np.random.default_rng(4)
    cases: list[tuple[str, str, Cuts, float | None]] = [
        (
            "mu mu gamma, E* > 0.1 GeV",
            "mumugamma",
            {"photon_energy": (0.1, None), "photon_theta": (10, 170)},
            None,
        ),
        (
            "ee gamma at wide angles",
            "eegamma",
            {"photon_energy": (0.2, None), "photon_theta": (20, 160), "electron_theta": (20, 160)},
            None,
        ),
        ("4 mu", "four_muon", {}, 1e4),
        (
            "ee mu mu, W > 0.5 GeV",
            "ee_mumu",
            {"dimuon_mass": (0.5, None), "dielectron_mass": (0.5, None)},
            1e4,
        ),
        ("mu mu tau tau", "mumu_tautau", {}, 1e4),
        ("4 e, all pairs > 0.5 GeV", "ee_ee", {"dielectron_mass": (0.5, None)}, None),
    ]
    rows = []
    for name, process, cuts, bound in cases:
        source = sampler(process, machine, cuts)
        rows.append(Row(f"{name}: unweighted", count, lambda s=source: s.generate(count, rng), bound))
    return rows


def read_lhe(path: Path) -> int:
    """Read all events of a file with pylhe, as users do."""
    return sum(1 for _ in pylhe.LHEFile.fromfile(path).events)


def main() -> int:
    """Measure, print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--events", type=int, default=200_000, help="events of the fast rows")
    parser.add_argument("--lhe", type=Path, default=LHE, help="file for the reading speed of pylhe")
    given = parser.parse_args()
    chain, repeat = SignalChain(BATCH), max(1, given.events // BATCH)
    reading = Row(f"gamma a: pylhe reads {given.lhe.name}", read_lhe(given.lhe), lambda: read_lhe(given.lhe))
    muons = muon_rows(chain, repeat)
    rows = [reading, *chain.rows(repeat), *muons, *background_rows(given.events // 20, chain.machine)]
    for _ in range(ROUNDS):
        for row in rows:
            row.measure()
    print(f"{'':40} {'events/s':>12} {'÷ pylhe':>9} {'÷ Pythia':>9}  bound")
    missed = False
    for row in rows:
        verdict = ""
        if row.bound is not None:
            short = row.rate < row.bound
            missed |= short
            verdict = f"{row.bound:.0e} {'MISSED' if short else 'met'}"
        ratios = f"{row.rate / reading.rate:9.2f} {row.rate / muons[0].rate:9.2f}"
        print(f"{row.name:40} {row.rate:12,.0f} {ratios}  {verdict}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
