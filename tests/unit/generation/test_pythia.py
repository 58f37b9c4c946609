"""Pythia 8: conservation laws, reproducible seeds, lifetimes and refusal of bad settings."""

import itertools

import numpy as np
import pytest
from scipy import stats

from umbra.config import yaml
from umbra.config.channel_yaml import PYTHIA_SAMPLES_FILE
from umbra.core.errors import UmbraError
from umbra.core.events import FINAL
from umbra.core.kinematics import mass_squared
from umbra.core.machines import Machine
from umbra.core.pdg import mass_gev
from umbra.generation import pythia, pythia_samples
from umbra.generation.settings import PythiaSettings

BELLE2 = Machine("belle2", 7.007, 4.002, 83.0)
CONTINUUM = [
    "WeakSingleBoson:ffbar2gmZ = on",
    "WeakZ0:gmZmode = 1",
    "23:onMode = off",
    "23:onIfAny = 1 2 3 4",
    "PDF:lepton = off",
]
REACH_THE_DETECTOR = {0, 11, 12, 13, 14, 16, 22, 130, 211, 321, 2112, 2212}


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
    assert left <= REACH_THE_DETECTOR
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
    with pytest.raises(UmbraError, match="quarks or gluons are left"):
        next(pythia.collisions([*CONTINUUM, "HadronLevel:Hadronize = off"], BELLE2, 5, "test"))
    with pytest.raises(UmbraError, match="only 3 slots are allowed"):
        next(pythia.collisions(CONTINUUM, BELLE2, 5, "test", slots=3))


SAMPLES = yaml.read(PYTHIA_SAMPLES_FILE).content["samples"]


def sample(name: str, *settings: str, fraction: float = 1.0) -> PythiaSettings:
    """A sample as the configuration hands it over."""
    lines = (*SAMPLES[name]["settings"], *settings)
    return PythiaSettings(**{**SAMPLES[name], "settings": lines, "fraction": fraction})


@pytest.mark.parametrize("name", SAMPLES)
def test_named_samples(name):
    machine = Machine("symmetric", 5.29, 5.29)
    (events,) = pythia_samples.batches(sample(name), machine, 500, "test", name)
    assert len(events) == 500
    # Radiated photons of the beams are in the record, so that nothing is missing.
    assert np.abs(events.p4.sum(axis=1) - machine.total).max() < 1e-6
    assert set(np.abs(np.unique(events.pdg_id)).tolist()) <= REACH_THE_DETECTOR
    # Charged particles: about eight from light quarks, ten from charm and B mesons.
    charged = np.isin(np.abs(events.pdg_id), (11, 13, 211, 321, 2212)).sum(axis=1).mean()
    assert 6.0 < charged < 13.0


def test_a_forced_decay_of_one_charge_leaves_the_other_meson_alone():
    forced = sample(
        "charged_b",
        "521:onMode = 3",
        "521:onPosIfMatch = 443 321",
        "443:onMode = off",
        "443:onIfMatch = 13 13",
    )
    machine = Machine("symmetric", 5.29, 5.29)
    (events,) = pythia_samples.batches(forced, machine, 200, "test", "forced")

    for pdg_id, p4 in zip(events.pdg_id, events.p4, strict=True):
        products = itertools.product(*(p4[pdg_id == sought] for sought in (13, -13, 321)))
        masses = [np.sqrt(mass_squared(sum(triple))) for triple in products]
        assert min(abs(mass - mass_gev(521)) for mass in masses) < 1e-3
    # The other one decays to anything: pions, kaons, photons.
    assert (events.pdg_id != 0).sum(axis=1).mean() > 10.0


def test_neutral_kaons_decay_where_they_should():
    (events,) = pythia_samples.batches(sample("neutral_b"), BELLE2, 300, "test", "kaons")
    pions = np.abs(events.pdg_id) == 211
    far = np.linalg.norm(events.vertex_mm[pions], axis=1) > 5.0
    # About 0.6 decays K_S -> pi+ pi- in each event, most of them farther away than half a centimetre.
    assert 0.2 < far.sum() / 2 / len(events) < 1.2


def test_cross_sections_of_the_named_samples_add_up():
    # 3.69 nb of continuum and 1.11 nb of Upsilon(4S) at 10.58 GeV.
    at = Machine("symmetric", 5.29, 5.29)
    value = {name: pythia_samples.cross_section_pb(name, sample(name), at) for name in SAMPLES}
    assert value["light_quarks"] + value["charm"] == pytest.approx(3690.0)
    assert value["charged_b"] + value["neutral_b"] == pytest.approx(1110.0)
    forced = sample("charm", fraction=0.1)
    assert pythia_samples.cross_section_pb("charm", forced, at) == pytest.approx(130.0)
    lower = Machine("upsilon_3s", 5.1776, 5.1776)
    scaled = pythia_samples.cross_section_pb("charm", sample("charm"), lower)
    assert scaled == pytest.approx(1300.0 * (10.58 / 10.3552) ** 2)
    with pytest.raises(
        UmbraError, match=r"charged_b: known from 10\.57 to 10\.59 GeV, but machine upsilon_3s"
    ):
        pythia_samples.cross_section_pb("charged_b", sample("charged_b"), lower)
