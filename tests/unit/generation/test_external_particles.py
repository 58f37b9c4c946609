"""New particles of other generators' files: their codes, masses, widths and lives."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from event_files import (
    BACKGROUND,
    MACHINE,
    SIGNAL,
    Event,
    Lhe,
    Line,
    isotropic,
    open_source,
    photon_and_new,
    total,
)
from umbra.core import particles, seeds
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events, concatenate
from umbra.core.kinematics import momentum
from umbra.generation.decays import registry as decays
from umbra.generation.external.declaration import Coupling, NewParticle, checked_declarations


def read(given: dict[str, Any], **options: Any) -> Events:
    return concatenate(list(open_source(given, MACHINE).batches(**options)))


def refused(given: dict[str, Any], message: str, size: int = 10_000) -> None:
    with pytest.raises(UmbraError, match=message) as error:
        read(given, size=size)
    assert "\n" not in str(error.value)


def breit_wigner(name: str, mass_gev: float, width_gev: float, number: int) -> list[float]:
    """Draw masses that generators cut at 15 widths."""
    rng = seeds.generator("Breit-Wigner", name)
    masses: list[float] = []
    while len(masses) < number:
        mass = mass_gev + 0.5 * width_gev * float(rng.standard_cauchy())
        masses += [mass] if abs(mass - mass_gev) < 15.0 * width_gev else []
    return masses


def to_dark_matter(
    name: str, boson: int, matter: int, masses_gev: Sequence[float], number: int
) -> list[Event]:
    """Return e+e- -> photon A', A' -> chi chibar as MadGraph writes it: masses of A' (of a width), chi, chibar."""
    rng = seeds.generator("dark matter", name)
    events = []
    for mass in breit_wigner(name, masses_gev[0], 0.01, number):
        photon, dark = isotropic(rng, total(), 0.0, mass)
        pair = isotropic(rng, dark, *masses_gev[1:])
        decayed = Line(boson, 2, dark, mass)
        events.append(
            [Line(22, 1, photon, 0.0), decayed]
            + [
                Line(sign * matter, 1, p4, chi, mother=4)
                for sign, p4, chi in zip((1, -1), pair, masses_gev[1:], strict=True)
            ]
        )
    return events


# --- codes


@pytest.mark.parametrize(("boson", "matter"), [(9000001, 9000005), (4900023, 4900101), (9900022, 52)])
def test_a_dark_photon_that_decays_to_dark_matter(tmp_path: Path, boson: int, matter: int) -> None:
    """4900023 and ±4900101 are the codes of the dark-photon model that basf2 has for MadGraph."""
    events = to_dark_matter("belle2", boson, matter, (3.0, 1.0, 1.0), 80)
    given = SIGNAL | {
        "file": Lhe(events, 0.02).write(tmp_path / "a.lhe"),
        "mass_gev": 3.0,
        "pdg_id_map": {
            str(boson): {"name": "aprime", "width_gev": 0.01},
            str(matter): {"name": "chi1", "mass_gev": 1.0},
        },
    }
    batch = read(given)
    assert (batch.pdg_id == (22, particles.DARK_PHOTON, particles.CHI1, particles.CHI1)).all()
    assert (batch.status == (FINAL, DECAYED, FINAL, FINAL)).all()
    assert (batch.extra["mass_gev"] == 3.0).all()
    given["pdg_id_map"][str(matter)]["mass_gev"] = 0.9
    refused(given, rf"event 1: the particle {matter} has a mass of 1 GeV, declared is mass_gev = 0\.9")
    del given["pdg_id_map"][str(matter)]
    refused(given, f"event 1: particle {matter} is in the final state and is neither")


def test_the_negative_code_may_be_another_particle(tmp_path: Path) -> None:
    events = to_dark_matter("other", 9000001, 9000005, (3.0, 1.0, 1.2), 80)
    given = SIGNAL | {
        "file": Lhe(events).write(tmp_path / "a.lhe"),
        "mass_gev": 3.0,
        "pdg_id_map": {
            9000001: {"name": "aprime", "width_gev": 0.01},
            9000005: {"name": "chi1", "mass_gev": 1.0},
            -9000005: {"name": "chi2", "mass_gev": 1.2},
        },
    }
    assert (read(given).pdg_id[:, 2:] == (particles.CHI1, particles.CHI2)).all()


def test_more_particles_than_we_have_codes_of_our_own(tmp_path: Path) -> None:
    rng = seeds.generator("many")
    events: list[Event] = []
    for _ in range(10):
        event, left = [], total()
        for i in range(9):
            one, left = isotropic(rng, left, 0.1 * (i + 1), 10.0 - i if i < 8 else 1.5)
            event.append(Line(9000001 + i, 1, one, 0.1 * (i + 1)))
        events.append([*event, Line(22, 1, *isotropic(rng, left, 0.0, 0.0)[:1], 0.0)])
        events[-1].append(Line(22, 1, left - events[-1][-1].p4, 0.0))
    own = particles.FREE.start
    named = {
        9000001 + i: {"pdg_id": own + i, "name": f"pion {i}", "mass_gev": 0.1 * (i + 1)} for i in range(9)
    }
    given = SIGNAL | {
        "file": Lhe(events).write(tmp_path / "a.lhe"),
        "mass_gev": named[9000001]["mass_gev"],
        "pdg_id_map": named,
    }
    assert (read(given).pdg_id[:, :9] == own + np.arange(9)).all()
    given["pdg_id_map"][9000009]["mass_gev"] = 0.8
    refused(given, r"event 1: the particle 9000009 has a mass of 0\.9 GeV, declared is mass_gev = 0\.8")


@pytest.mark.parametrize(
    ("given", "code", "title"),
    [
        ("alp", particles.ALP, "alp"),
        (particles.CHI2, particles.CHI2, "excited dark matter chi2"),
        ("9900022", particles.DARK_PHOTON, "dark photon A'"),
        ({"pdg_id": 9910007, "name": "dark pion"}, 9910007, "dark pion"),
        ({"pdg_id": 9919999}, 9919999, "9919999"),
    ],
)
def test_particles_are_named_by_word_or_code(given: Any, code: int, title: str) -> None:
    particle = NewParticle.model_validate(given)
    assert (particle.pdg_id, particle.title) == (code, title)
    assert particles.is_new(np.array([code, -code, 22])).tolist() == [True, False, False]
    free = particles.FREE
    ends = np.array([free.start - 1, free.start, free.stop - 1, free.stop])
    assert particles.is_new(ends).tolist() == [False, True, True, False]


# --- masses


def resonance(folder: Path, masses: Sequence[float], **particle: float) -> dict[str, Any]:
    file = Lhe(photon_and_new("resonance", masses)).write(folder / "a.lhe")
    return SIGNAL | {"file": file, "pdg_id_map": {9000002: {"name": "alp", **particle}}}


def test_a_resonance_has_a_declared_width(tmp_path: Path) -> None:
    masses = breit_wigner("width", 1.0, 0.02, 400)
    batch = read(resonance(tmp_path, masses, width_gev=0.02), size=90)
    assert (batch.extra["mass_gev"] == 1.0).all()
    # Twice the width is too little to be told from other shapes of resonances.
    assert len(read(resonance(tmp_path, masses, width_gev=0.04))) == 400
    refused(
        resonance(tmp_path, masses),
        r"event 1: the new particle has a mass of .* GeV, declared is mass_gev = 1 w",
    )
    refused(
        resonance(tmp_path, masses, mass_gev=1.0),
        r"event 1: the particle 9000002 has a mass of .* GeV, declared is mass_gev = 1$",
    )


@pytest.mark.parametrize(
    ("width_gev", "mass_gev", "message"),
    [
        (
            0.2,
            1.0,
            r"alp: .* of its 400 masses are within half of width_gev = 0\.2 of mass_gev = 1, of a Breit",
        ),
        (0.002, 1.0, r"alp: .* within half of width_gev = 0\.002"),
        (0.02, 1.02, r"alp: .* of its 400 masses are above mass_gev = 1\.02, of a Breit-Wigner .* 0\.5 are"),
    ],
)
def test_a_width_that_the_masses_do_not_have_is_refused(
    tmp_path: Path, width_gev: float, mass_gev: float, message: str
) -> None:
    masses = breit_wigner("width", 1.0, 0.02, 400)
    refused(
        resonance(tmp_path, masses, width_gev=width_gev, mass_gev=mass_gev) | {"mass_gev": mass_gev}, message
    )


def test_masses_far_off_the_resonance_are_refused(tmp_path: Path) -> None:
    masses = breit_wigner("width", 1.0, 0.02, 200)
    # Three in ten far away, on both sides.
    masses = [0.3] * 30 + [1.7] * 30 + sorted(masses, key=lambda mass: abs(mass - 1.0))[:140]
    file = resonance(tmp_path, masses, width_gev=0.04)
    for size in (50, 10_000):
        refused(
            file, r"alp: 0\.3 of its 200 masses are more than 15 of width_gev = 0\.04 off mass_gev = 1", size
        )


def test_a_width_needs_a_mass(tmp_path: Path) -> None:
    given = BACKGROUND | {"file": "a.lhe", "pdg_id_map": {23: {"name": "zprime", "width_gev": 0.1}}}
    refused(given, "pdg_id_map/23: width_gev needs a mass_gev")


def test_each_event_has_the_particle_that_the_sample_is_about(tmp_path: Path) -> None:
    events = photon_and_new("few", [1.0] * 12)
    events[7] = photon_and_new("wrong", [1.0], code=9000003)[0]
    given = SIGNAL | {
        "file": Lhe(events).write(tmp_path / "a.lhe"),
        "pdg_id_map": {9000002: {"name": "alp", "mass_gev": 1.0}, 9000003: "scalar"},
    }
    refused(given, r"event 8: it has 0 particles of mass_gev = 1$")


def test_a_channel_of_two_masses_has_both_as_columns(tmp_path: Path) -> None:
    rng = seeds.generator("two masses")
    events: list[Event] = []
    for _ in range(10):
        pair = isotropic(rng, total(), 4.0, 1.0)
        events.append(
            [Line(code, 1, p4, m) for code, p4, m in zip((25, 22023), pair, (4.0, 1.0), strict=True)]
        )
    given = SIGNAL | {
        "file": Lhe(events).write(tmp_path / "a.lhe"),
        "mass_gev": 4.0,
        "mass2_gev": 1.0,
        "pdg_id_map": {25: "dark_higgs", 22023: "aprime"},
    }
    batch = read(given)
    assert (batch.extra["mass_gev"] == 4.0).all()
    assert (batch.extra["mass2_gev"] == 1.0).all()
    refused(
        given | {"mass2_gev": 2.0},
        "event 1: the new particle has a mass of .* GeV, declared is mass2_gev = 2 w",
    )
    coupling = Coupling(value=1e-3, power=2.0)
    assert len(checked_declarations([given], "signal", coupling, masses=2)) == 1
    with pytest.raises(UmbraError, match=r"a\.lhe: a signal of a channel that scans 1 mass has no mass2_gev"):
        checked_declarations([given], "signal", coupling)
    del given["mass2_gev"]
    with pytest.raises(
        UmbraError, match=r"a\.lhe: a signal of a channel that scans 2 masses needs mass2_gev, too"
    ):
        checked_declarations([given], "signal", coupling, masses=2)


# --- lives


def with_lives(name: str, lives_mm: Sequence[float]) -> list[Event]:
    events = photon_and_new(name, [1.0] * len(lives_mm))
    for event, life in zip(events, lives_mm, strict=True):
        event[1].life_mm = life
    return events


def test_only_the_particle_that_lives_flies(tmp_path: Path) -> None:
    """A' -> chi1 chi2 at once in the file, chi2 undecayed and flying: its mother must not be moved."""
    rng = seeds.generator("inelastic")
    events: list[Event] = []
    for _ in range(20):
        photon, dark = isotropic(rng, total(), 0.0, 3.0)
        chi1, chi2 = isotropic(rng, dark, 1.0, 1.2)
        events.append(
            [
                Line(22, 1, photon, 0.0),
                Line(9000001, 2, dark, 3.0),
                Line(9000005, 1, chi1, 1.0, mother=4),
                Line(9000006, 1, chi2, 1.2, mother=4, life_mm=7.0),
            ]
        )
    given = SIGNAL | {
        "file": Lhe(events).write(tmp_path / "a.lhe"),
        "mass_gev": 3.0,
        "pdg_id_map": {9000001: "aprime", 9000005: "chi1", 9000006: "chi2"},
    }
    source = open_source(given, MACHINE)
    batch = next(source.batches())
    chi2 = batch.p4[:, 3]
    decayed = decays_of_chi2(batch)
    flown = source.displaced(decayed, seeds.generator("unused"))
    origin = flown.vertex_mm
    assert not origin[:, :4].any()
    length = np.linalg.norm(origin[:, 4:], axis=2) * 1.2 / momentum(chi2)[:, None]
    np.testing.assert_allclose(length, 7.0, rtol=1e-6)


def decays_of_chi2(batch: Events) -> Events:
    """Let chi2 (in the last place) decay to chi1 e+ e- at its origin."""
    rng = seeds.generator("chi2")
    rows = []
    for p4 in batch.p4[:, 3]:
        chi1, pair = isotropic(rng, p4, 1.0, 0.1)
        rows.append([chi1, *isotropic(rng, pair, 0.000511, 0.000511)])
    n = len(batch)
    status = batch.status.copy()
    status[:, 3] = DECAYED
    return Events(
        pdg_id=np.concatenate([batch.pdg_id, np.tile(np.array([particles.CHI1, 11, -11]), (n, 1))], axis=1),
        p4=np.concatenate([batch.p4, np.array(rows)], axis=1),
        weight=batch.weight,
        vertex_mm=np.concatenate([batch.vertex_mm, np.zeros((n, 3, 3))], axis=1),
        status=np.concatenate([status, np.full((n, 3), FINAL, np.int8)], axis=1),
        extra=batch.extra,
    )


def test_lives_of_undecayed_and_declared_particles(tmp_path: Path) -> None:
    file = Lhe(with_lives("alive", [2.0, 3.0, 4.0])).write(tmp_path / "a.lhe")
    np.testing.assert_array_equal(read(SIGNAL | {"file": file}).extra["proper_time_mm"], [2.0, 3.0, 4.0])
    file = Lhe(with_lives("alive", [0.0] * 400)).write(tmp_path / "b.lhe")
    given = SIGNAL | {"file": file, "pdg_id_map": {9000002: {"name": "alp", "lifetime_mm": 5.0}}}
    source = open_source(given, MACHINE)
    batch = next(source.batches())
    decayed = decays.find("alp_to_photons")(batch, MACHINE, seeds.generator("decays"))
    flown = source.displaced(decayed, seeds.generator("lives"))
    lives = np.linalg.norm(flown.vertex_mm[:, 2], axis=1) / momentum(batch.p4[:, 1])
    assert abs(lives.mean() - 5.0) < 5.0 * 5.0 / np.sqrt(400)
    assert lives.std() == pytest.approx(5.0, rel=0.25)


@pytest.mark.parametrize("lives_mm", [[0.0] * 5 + [1.0] * 5, [1.0] * 9 + [0.0], [0.0] * 9 + [1.0]])
@pytest.mark.parametrize("size", [3, 100])
def test_lives_of_some_events_only_are_refused(tmp_path: Path, lives_mm: list[float], size: int) -> None:
    given = SIGNAL | {"file": Lhe(with_lives("some", lives_mm)).write(tmp_path / "a.lhe")}
    first = next(i for i, life in enumerate(lives_mm) if (life > 0.0) != (lives_mm[0] > 0.0))
    with pytest.raises(UmbraError, match=f"event {first + 1}: particle 9900036 has a proper lifetime of"):
        read(given, size=size)


def test_decayed_particles_live_all_or_none(tmp_path: Path) -> None:
    events = to_dark_matter("lives", 9000001, 9000005, (3.0, 1.0, 1.0), 80)
    for event in events[1:]:
        event[1].life_mm = 3.0
    given = SIGNAL | {
        "file": Lhe(events).write(tmp_path / "a.lhe"),
        "mass_gev": 3.0,
        "pdg_id_map": {9000001: {"name": "aprime", "width_gev": 0.01}, 9000005: "chi1"},
    }
    refused(
        given, "event 2: particle 9900022 has a proper lifetime of 3 mm, where the first of its kind has none"
    )
    events[0][1].life_mm = 3.0
    given["file"] = Lhe(events).write(tmp_path / "b.lhe")
    assert read(given).vertex_mm[:, 2:].any(axis=-1).all()


def test_two_that_would_fly_are_refused(tmp_path: Path) -> None:
    rng = seeds.generator("two")
    events: list[Event] = []
    for _ in range(5):
        one, two = isotropic(rng, total(), 1.0, 1.0)
        events.append([Line(9000002, 1, one, 1.0, life_mm=1.0), Line(9000002, 1, two, 1.0, life_mm=2.0)])
    given = SIGNAL | {"file": Lhe(events).write(tmp_path / "a.lhe")}
    refused(
        given, r"event 1: a lifetime \(VTIMUP\) is given; it has 2 undecayed particles of that kind, not 1"
    )
    for event in events:
        event[1].code = 9000003
    given = given | {"file": Lhe(events).write(tmp_path / "b.lhe")}
    given["pdg_id_map"] = {9000002: "alp", 9000003: "scalar"}
    refused(given, r"event 1: a second kind of particle, 990003[56], has a lifetime")
    for event in events:
        event[1] = Line(9000002, 2, event[1].p4, 1.0)
        event += [Line(22, 1, p4, 0.0, mother=4) for p4 in isotropic(rng, event[1].p4, 0.0, 0.0)]
    given["file"] = Lhe(events).write(tmp_path / "c.lhe")
    refused(given, r"event 1: a lifetime \(VTIMUP\) is given, but a particle 9900036 of it is decayed")
    particle = {"lifetime_mm": 1.0}
    given["pdg_id_map"] = {9000002: {"name": "alp", **particle}, 9000003: {"name": "scalar", **particle}}
    refused(given, "pdg_id_map: 2 particles have a lifetime_mm; only one")
