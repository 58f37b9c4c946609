"""Pythia 8: conservation laws, reproducible seeds, lifetimes and refusal of bad settings."""

import numpy as np
import pytest
from scipy import stats

from umbra import pythia, pythia_samples
from umbra.errors import UmbraError
from umbra.events import FINAL
from umbra.kinematics import mass_squared
from umbra.machines import Machine
from umbra.pdg import mass_gev

BELLE2 = Machine("belle2", 7.007, 4.002, 83.0)
CONTINUUM = [
    "WeakSingleBoson:ffbar2gmZ = on",
    "WeakZ0:gmZmode = 1",
    "23:onMode = off",
    "23:onIfAny = 1 2 3 4",
    "PDF:lepton = off",
]


@pytest.fixture(scope="module")
def continuum():
    return next(pythia.collisions(CONTINUUM, BELLE2, 200, "test", "continuum"))


def test_hadronisation_conserves_momentum_and_charge(continuum):
    total = continuum.p4.sum(axis=1)
    assert np.abs(total - BELLE2.total).max() < 1e-6
    charged = {11: -1, 13: -1, 211: 1, 321: 1, 2212: 1}
    charge = sum(
        q * ((continuum.pdg_id == i).sum(axis=1) - (continuum.pdg_id == -i).sum(axis=1))
        for i, q in charged.items()
    )
    assert not charge.any()
    assert np.all(continuum.status[continuum.pdg_id != 0] == FINAL)
    assert np.all(continuum.p4[continuum.pdg_id == 0] == 0.0)


def test_only_what_reaches_the_detector_is_left(continuum):
    left = set(np.abs(np.unique(continuum.pdg_id)).tolist())
    assert left <= {0, 11, 12, 13, 14, 16, 22, 130, 211, 321, 2112, 2212}
    pions = np.abs(continuum.pdg_id) == 211
    assert np.sqrt(mass_squared(continuum.p4[pions])) == pytest.approx(
        np.full(pions.sum(), 0.13957), abs=1e-5
    )
    assert 7.0 < (np.isin(np.abs(continuum.pdg_id), (11, 13, 211, 321, 2212))).sum(axis=1).mean() < 11.0


def test_the_same_names_give_the_same_events(continuum):
    again = next(pythia.collisions(CONTINUUM, BELLE2, 200, "test", "continuum"))
    assert np.array_equal(again.p4, continuum.p4)
    assert np.array_equal(again.vertex_mm, continuum.vertex_mm)
    other = next(pythia.collisions(CONTINUUM, BELLE2, 200, "test", "other"))
    assert not np.array_equal(other.p4, continuum.p4)


def test_batches_are_one_stream():
    whole = next(pythia.collisions(CONTINUUM, BELLE2, 30, "test", "batches"))
    parts = list(pythia.collisions(CONTINUUM, BELLE2, 30, "test", "batches", batch=20))
    assert [len(part) for part in parts] == [20, 10]
    assert np.array_equal(np.concatenate([part.p4 for part in parts]), whole.p4)


def test_particles_of_given_momenta_decay_where_they_should():
    n = 2000
    mass = mass_gev(521)
    p4 = np.tile([0.0, 0.0, 2.0, np.hypot(2.0, mass)], (n, 1, 1))
    settings = [
        f"521:m0 = {mass!r}",
        "521:onMode = off",
        "521:onIfMatch = 321 443",
        "443:onMode = off",
        "443:onIfMatch = 13 13",
    ]
    events = pythia.decays([521], p4, settings, "test", "b")
    count = (events.pdg_id != 0).sum(axis=1)
    assert set(np.unique(count)) == {3}
    assert events.p4.sum(axis=1) == pytest.approx(p4[:, 0], abs=1e-5)
    # c tau(B+) = 0.491 mm, beta gamma = 2/m.
    z = events.vertex_mm[:, 0, 2]
    assert np.all(events.vertex_mm[:, 0, :2] == 0.0)
    assert stats.kstest(z, "expon", args=(0.0, 0.491 * 2.0 / mass)).pvalue > 0.01


def test_a_new_particle_with_a_lifetime():
    n, code = 1000, 9900035
    mass = mass_gev(521)
    settings = [
        f"{code}:new = S S 1 0 0 1.0 0.0 0.9 1.1 50.0",
        f"{code}:addChannel = 1 1.0 0 13 -13",
        "521:onMode = off",
        f"521:addChannel = 1 1.0 0 321 {code}",
        "521:tau0 = 0.0",
    ]
    events = pythia.decays([521], np.tile([0.0, 0.0, 0.0, mass], (n, 1, 1)), settings, "test", "s")
    muon = events.pdg_id == 13
    assert muon.sum(axis=1).tolist() == [1] * n
    length = np.linalg.norm(events.vertex_mm[muon], axis=1)
    # p*(S) = 2.520 GeV for 1 GeV.
    assert length.mean() == pytest.approx(50.0 * 2.52, rel=4.0 / np.sqrt(n))


def test_cross_section_at_lowest_order():
    # 4 pi alpha^2/(3 s) at 10.58 GeV is 775.9 pb for massless muons and a coupling that does not run.
    settings = ["WeakSingleBoson:ffbar2gmZ = on", "WeakZ0:gmZmode = 1", "23:onMode = off", "23:onIfAny = 13"]
    settings += [
        "PDF:lepton = off",
        "SigmaProcess:alphaEMorder = 0",
        "StandardModel:alphaEM0 = 0.0072973525693",
    ]
    value, error = pythia.cross_section_pb(settings, Machine("symmetric", 5.29, 5.29), "test", events=500)
    assert value == pytest.approx(775.9, abs=max(1.0, 4.0 * error))


def test_bad_settings_are_errors():
    with pytest.raises(UmbraError, match="does not know the setting 'Pizza:hot = on'"):
        next(pythia.collisions(["Pizza:hot = on"], BELLE2, 5, "test"))
    with pytest.raises(UmbraError, match="only 3 slots are allowed"):
        next(pythia.collisions(CONTINUUM, BELLE2, 5, "test", slots=3))


@pytest.mark.parametrize("name", ["light_quarks", "charm", "charged_b", "neutral_b"])
def test_named_samples(name):
    machine = Machine("symmetric", 5.29, 5.29)
    (events,) = pythia_samples.batches(name, machine, 100, "test", name)
    assert len(events) == 100
    # Radiated photons of the beams are in the record, so that nothing is missing.
    assert np.abs(events.p4.sum(axis=1) - machine.total).max() < 1e-6
    # Charged particles: about eight from light quarks, ten from charm and B mesons.
    charged = np.isin(np.abs(events.pdg_id), (11, 13, 211, 321, 2212)).sum(axis=1).mean()
    assert 6.0 < charged < 13.0


def test_cross_sections_of_the_named_samples_add_up():
    # 3.69 nb of continuum and 1.11 nb of Upsilon(4S) at 10.58 GeV.
    continuum = pythia_samples.cross_section_pb("light_quarks") + pythia_samples.cross_section_pb("charm")
    resonance = pythia_samples.cross_section_pb("charged_b") + pythia_samples.cross_section_pb("neutral_b")
    assert continuum == pytest.approx(3690.0)
    assert resonance == pytest.approx(1110.0)
    with pytest.raises(UmbraError, match="unknown Pythia sample 'beauty'; known: light_quarks, charm"):
        pythia_samples.cross_section_pb("beauty")
