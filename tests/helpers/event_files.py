"""Small event files as other generators write them, for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from umbra.core import seeds
from umbra.core.constants import ELECTRON_MASS_GEV
from umbra.core.kinematics import Array, two_body_decay
from umbra.core.machines import Machine
from umbra.generation.external.declaration import Declaration
from umbra.generation.external.sample import ExternalSample

SQRT_S_GEV = 10.58
MACHINE = Machine("at_rest", SQRT_S_GEV / 2.0, SQRT_S_GEV / 2.0)
COUPLING = {"value": 1e-3, "power": 2}
BACKGROUND: dict[str, Any] = {"frame": "centre_of_mass", "generator": "by hand"}
SIGNAL: dict[str, Any] = BACKGROUND | {
    "mass_gev": 1.0,
    "coupling": COUPLING,
    "pdg_id_map": {9000002: "alp"},
}


def open_source(given: Mapping[str, Any], machine: Machine) -> ExternalSample:
    """Open the sample that a section of the configuration declares; see `Declaration` for its keys."""
    return ExternalSample(Declaration.from_mapping(given), machine)


@dataclass
class Line:
    """A particle: code, status, momentum, mass, and the number of its mother, counted from 1 with the beams."""

    code: int
    status: int
    p4: Array
    mass_gev: float
    mother: int = 1
    life_mm: float = 0.0


Event = list[Line]


def isotropic(rng: np.random.Generator, p4: Array, mass1: float, mass2: float) -> tuple[Array, Array]:
    """Decay one particle into two."""
    cosine, azimuth = rng.uniform(-1.0, 1.0), rng.uniform(-np.pi, np.pi)
    return two_body_decay(p4, mass1, mass2, np.array(cosine), np.array(azimuth))


def total() -> Array:
    return np.array([0.0, 0.0, 0.0, SQRT_S_GEV])


def photon_and_new(name: str, masses_gev: Sequence[float], code: int = 9000002) -> list[Event]:
    """Return events of e+e- -> photon and a new particle, one for each mass."""
    rng = seeds.generator("event files", name)
    events = []
    for mass in masses_gev:
        photon, new = isotropic(rng, total(), 0.0, mass)
        events.append([Line(22, 1, photon, 0.0), Line(code, 1, new, mass)])
    return events


def two_photons(name: str, number: int) -> list[Event]:
    rng = seeds.generator("event files", name)
    pairs = [isotropic(rng, total(), 0.0, 0.0) for _ in range(number)]
    return [[Line(22, 1, p4, 0.0) for p4 in pair] for pair in pairs]


@dataclass
class Lhe:
    """An LHE file.

    Parameters
    ----------
    weights
        Of the events; each has the cross-section where there are none.
    header
        Text of the header.
    """

    events: list[Event]
    cross_section_pb: float = 0.1
    error_pb: float = 0.0
    strategy: int = -4
    weights: Sequence[float] = ()
    header: str = ""

    @property
    def text(self) -> str:
        half, sigma = SQRT_S_GEV / 2.0, self.cross_section_pb
        head = f'<LesHouchesEvents version="3.0">\n<header>\n{self.header}\n</header>\n<init>\n'
        head += f"11 -11 {half} {half} 0 0 0 0 {self.strategy} 1\n{sigma!r} {self.error_pb!r} {sigma!r} 1\n</init>\n"
        weights = self.weights or [sigma] * len(self.events)
        body = [_event(event, weight) for event, weight in zip(self.events, weights, strict=True)]
        return head + "".join(body) + "</LesHouchesEvents>\n"

    def write(self, path: Path) -> str:
        path.write_text(self.text, encoding="utf-8")
        return str(path)


def _event(event: Event, weight: float) -> str:
    along = np.sqrt(SQRT_S_GEV**2 / 4.0 - ELECTRON_MASS_GEV**2)
    beams = [
        Line(sign * 11, -1, np.array([0.0, 0.0, sign * along, SQRT_S_GEV / 2.0]), ELECTRON_MASS_GEV, 0)
        for sign in (1, -1)
    ]
    rows = [f"{len(event) + 2} 1 {weight!r} 10.58 7.3e-3 0.1"]
    for line in (*beams, *event):
        p4 = " ".join(f"{value:.14e}" for value in line.p4)
        rows.append(
            f" {line.code} {line.status} {line.mother} {line.mother} 0 0 {p4} {line.mass_gev:.14e} {line.life_mm!r} 9."
        )
    return "<event>\n" + "\n".join(rows) + "\n</event>\n"


@dataclass
class Hepmc:
    """A HepMC3 file.

    Parameters
    ----------
    names
        Names of the weights, without a line where there are none.
    weights
        Those of each event; without a line where there are none.
    numbers
        Of the events.
    """

    events: list[Event]
    names: Sequence[str] = ()
    weights: Sequence[Sequence[float]] = ()
    numbers: Sequence[int] = ()
    cross_sections_pb: Sequence[float] = (0.1,)

    @property
    def text(self) -> str:
        rows = ["HepMC::Version 3.02.05", "HepMC::Asciiv3-START_EVENT_LISTING"]
        rows += [f"W {' '.join(self.names)}"] if self.names else []
        weights = self.weights or [()] * len(self.events)
        numbers = self.numbers or range(len(self.events))
        for event, values, number in zip(self.events, weights, numbers, strict=True):
            rows += [f"E {number} 1 {len(event) + 2}", "U GEV MM"]
            rows += [f"W {' '.join(map(repr, values))}"] if values else []
            # Each has an error of a tenth.
            first, *others = self.cross_sections_pb
            more = "".join(f" {value!r} {value / 10.0!r}" for value in others)
            rows.append(f"A 0 GenCrossSection {first!r} {first / 10.0!r} -1 -1{more}")
            along = np.sqrt(SQRT_S_GEV**2 / 4.0 - ELECTRON_MASS_GEV**2)
            for sign, place in ((1, 1), (-1, 2)):
                rows.append(
                    f"P {place} 0 {11 * sign} 0 0 {sign * along!r} {SQRT_S_GEV / 2.0!r} {ELECTRON_MASS_GEV!r} 4"
                )
            rows.append("V -1 0 [1,2]")
            for place, line in enumerate(event, start=3):
                p4 = " ".join(f"{value:.14e}" for value in line.p4)
                rows.append(f"P {place} -1 {line.code} {p4} {line.mass_gev!r} {line.status}")
        return "\n".join([*rows, "HepMC::Asciiv3-END_EVENT_LISTING", ""])

    def write(self, path: Path) -> str:
        path.write_text(self.text)
        return str(path)
