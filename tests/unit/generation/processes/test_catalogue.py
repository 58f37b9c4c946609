"""Entries of processes: what they declare is what the classes do, and nothing heavy is imported for them."""

import subprocess
import sys
from collections.abc import Mapping

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.core.particles import NAMES
from umbra.generation.processes import registry
from umbra.generation.processes.cuts import QUANTITIES
from umbra.generation.processes.process import Process

#: Cuts with which each process has a finite cross-section, where it needs any.
CUTS: Mapping[str, Mapping[str, tuple[float | None, float | None]]] = {
    "three_gamma": {"photon_energy": (0.5, None), "photon_theta": (20.0, 160.0)},
    "three_gamma_near_beam": {"photon_energy": (0.1, None), "largest_photon_pt": (1.0, None)},
    "mumugamma": {"photon_energy": (0.5, None)},
    "tautaugamma": {"photon_energy": (0.5, None)},
    "pipigamma": {"photon_energy": (0.5, None)},
    "eegamma": {"photon_energy": (0.5, None), "photon_theta": (20.0, 160.0)},
    "nunu_gamma": {"photon_energy": (0.5, None)},
    "hadronsgamma": {"photon_energy": (0.5, None)},
    "ee_ee": {"dielectron_mass": (1.0, None)},
}
MASSES = {"mass_gev": 0.9, "mass2_gev": 0.4}
#: What a kaon can decay to.
OF_KAONS = {"mass_gev": 0.2}
#: Energy in the centre of mass in GeV, where it is not that of a collider: an electron of 100 GeV and an atom of lead.
ENERGIES = {"aprime_on_lead": 275.41, "aprime_in_lead": 275.41, "aprime_in_lead_with_positrons": 275.41}
#: A dark photon, and what decays to three of them.
OF_DARKONIUM = {"mass_gev": 0.4, "mass2_gev": 2.0}


def parameters(process: Process) -> dict[str, float]:
    masses = {**MASSES, **OF_KAONS} if process.name.startswith("k_to_") else MASSES
    if process.entry.second_is_parent:
        masses = OF_DARKONIUM
    given = {name: value for name, value in masses.items() if process.entry.parameters.get(name, 0.0) is None}
    return process.complete(given)


@pytest.mark.parametrize("name", registry.names())
def test_an_entry_says_what_its_class_does(name: str) -> None:
    process, entry = registry.find(name), registry.knows(name)
    assert (process.entry, process.name) == (entry, name)
    assert type(process).__module__ == registry.module_of(name)
    complete, cuts = parameters(process), CUTS.get(name, {})
    made = tuple(pdg_id for pdg_id in process.final_state(complete) if pdg_id in NAMES)
    assert made == entry.produces
    energy = ENERGIES.get(name, 10.58)
    has_formula = process.closed_form(energy, complete, cuts) is not None
    assert has_formula == entry.closed_form
    assert set(entry.cuts) <= set(QUANTITIES)
    assert set(entry.required_cuts) | set(entry.cuts_with_radiation) <= set(entry.cuts)
    assert set(cuts) == set(entry.required_cuts) or name == "eegamma"
    process.check_cuts(cuts)
    x = np.random.default_rng(1).random((500, process.dimensions))
    _, weight = process.evaluate(x, np.full(500, energy), complete, cuts)
    assert (weight > 0.0).any()


@pytest.mark.parametrize("name", [name for name in registry.names() if registry.knows(name).cuts])
def test_each_cut_of_an_entry_cuts(name: str) -> None:
    """A cut that an entry knows and the class ignores would be accepted and do nothing."""
    process = registry.find(name)
    complete, cuts = parameters(process), CUTS.get(name, {})
    x = np.random.default_rng(2).random((4_000, process.dimensions))
    energy = np.full(len(x), 10.58)
    for cut in process.entry.cuts:
        low, high = {"cos_theta": (-0.3, 0.3)}.get(cut, (70.0, 110.0) if "theta" in cut else (None, None))
        if cut == "electron_beam_angle":
            low, high = None, 5.0
        if cut.endswith("_beam_angle") and "three_gamma" in process.name:
            low, high = {"nearest_beam_angle": (None, 15.0)}.get(cut, (20.0, 40.0))
        if cut == "largest_photon_pt":
            low, high = 2.0, 4.0
        if cut == "pair_angle":
            low, high = 30.0, 150.0
        if cut.endswith(("mass", "energy")):
            low, high = 0.8, 4.0
        p4, weight = process.evaluate(x, energy, complete, {**cuts, cut: (low, high)})
        value = QUANTITIES[cut](p4[weight > 0.0], process.final_state(complete))
        assert low is None or (value >= low - 1e-9).all(), cut
        assert high is None or (value <= high + 1e-9).all(), cut
        # The energy of a photon beside one particle is fixed, and outside of the range.
        beside_one = process.dimensions == 2 or process.entry.second_is_parent
        assert len(value) > 0 or (beside_one and cut == "photon_energy"), cut


def test_masses_follow_from_the_parameters() -> None:
    masses = {name: registry.knows(name).masses for name in registry.names()}
    assert (masses["mumu"], masses["gamma_alp"], masses["darkonium_gamma"], masses["aprime_higgs"]) == (
        0,
        1,
        1,
        2,
    )
    for name, number in masses.items():
        assert (number > 0) == bool(registry.knows(name).produces) or name in (
            "jpsi_eta_aprime",
            "jpsi_etaprime_aprime",
            "upsilon3s_to_pipi_unseen",
        )


def test_per_parent_are_the_decays_of_mesons_and_taus_and_thick_targets() -> None:
    per_parent = {name for name in registry.names() if registry.is_per_parent(name)}
    assert per_parent == {
        name
        for name in registry.names()
        if name.startswith(("b_to_", "jpsi_", "k_to_", "tau_to_", "upsilon3s_to_")) or "_in_" in name
    }
    assert not registry.is_per_parent(None)
    assert not registry.is_per_parent("charm")


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("gamma_alp", {"mass": 1.0}, "unknown parameter 'mass'; did you mean 'mass_gev'"),
        ("gamma_alp", {"mass_gev": -1.0}, "mass_gev = -1.0 is negative"),
        ("aprime_higgs", {"mass_gev": 1.0}, "parameter 'mass2_gev' is missing"),
        ("mumu_alp", {"mass_gev": 0.0}, "mass_gev = 0: the cross-section diverges"),
        ("mumu", {"mass_gev": 0.0}, "unknown parameter 'mass_gev'; known: none"),
    ],
)
def test_parameters_are_refused_by_the_entry(name: str, given: Mapping[str, float], message: str) -> None:
    with pytest.raises(UmbraError, match=f"^process {name}: .*{message}"):
        registry.knows(name).complete(given)


@pytest.mark.parametrize(
    ("name", "cuts", "radiation", "message"),
    [
        (
            "gammagamma",
            {"photon_enrgy": (1.0, None)},
            False,
            "unknown cut 'photon_enrgy'; did you mean 'photon_energy'",
        ),
        ("gammagamma", {"photon_theta": (90.0, 10.0)}, False, "cut 'photon_theta' is empty: 90:10"),
        ("ee_ee", {}, False, "needs the cut 'dielectron_mass', without it"),
        ("ee_ee", {"dielectron_mass": (None, 2.0)}, False, "cut 'dielectron_mass' needs a lower end above 0"),
        ("gamma_aprime", {}, True, "with radiation it needs a lower end of the cut 'photon_energy'"),
    ],
)
def test_cuts_are_refused_by_the_entry(name, cuts, radiation, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UmbraError, match=f"^process {name}: .*{message}"):
        registry.knows(name).check_cuts(cuts, radiation=radiation)


def test_the_job_graph_knows_processes_without_numpy() -> None:
    asked = "from umbra.generation.processes import registry as r; [r.knows(n).masses for n in r.names()]"
    program = f"import sys; {asked}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
