"""Entries of decay chains: what they declare is what the functions do, for every sample that ships."""

import subprocess
import sys
from functools import partial
from typing import Any

import numpy as np
import pytest

from umbra.config import yaml
from umbra.core.catalogue import Catalogue
from umbra.core.errors import UmbraError
from umbra.core.events import FINAL, Events
from umbra.core.machines import Machine
from umbra.core.modules import code_digest
from umbra.core.particles import ALP, DARK_HIGGS, DARK_PHOTON, SCALAR, Z_PRIME
from umbra.core.paths import shipped_config
from umbra.core.seeds import generator
from umbra.generation.decays import registry
from umbra.generation.decays.displaced import COLUMN, ESCAPE_COLUMN
from umbra.generation.decays.entry import DecayEntry
from umbra.generation.processes import registry as processes

MACHINE = Machine("superkekb", 7.004, 4.002, 83.0)
#: Process, masses and energy that give each chain something to decay.
MAKERS: dict[frozenset[int], tuple[str, tuple[float, ...]]] = {
    frozenset({ALP}): ("mumu_alp", (4.2,)),
    frozenset({SCALAR}): ("mumu_scalar", (4.2,)),
    frozenset({Z_PRIME}): ("mumu_zprime", (4.2,)),
    frozenset({DARK_PHOTON}): ("gamma_aprime", (8.0,)),
    frozenset({DARK_PHOTON, DARK_HIGGS}): ("aprime_higgs", (0.9, 3.0)),
    frozenset(): ("tautau", ()),
}
OTHER_MAKERS: dict[str, tuple[str, tuple[float, ...]]] = {
    "kaon_pair_to_muons_near_beams": ("phi_to_kaons", ()),
    "pi0_to_photons": ("phi_to_three_pions", ()),
    "photon_converts_in_belle2_chamber": ("gammagamma", ()),
    "b_alp_to_photons": ("b_to_k_alp", (1.5,)),
    "b_x_unseen": ("b_to_k_scalar", (1.5,)),
    "dark_photon_to_mumu_beside_higgs": ("aprime_higgs", (0.9, 3.0)),
    "eta_to_photons_or_pions": ("jpsi_eta_ee", ()),
    "etaprime_to_pions": ("jpsi_etaprime_ee", ()),
    "tau_plus_to_pions": ("tau_to_muon_alp", (0.5,)),
    "tautau_scalar_to_ee": ("tautau_scalar", (1.0,)),
    "tautau_scalar_to_mumu": ("tautau_scalar", (1.0,)),
    "three_photons_convert_near_babar_collision": ("three_gamma", ()),
    **{
        name: ("darkonium_gamma_three_aprime", (0.9, 3.0))
        for name in registry.names()
        if name.startswith("darkonium_to_")
    },
    **{f"b_scalar_to_{pair}": ("b_to_k_scalar", (1.5,)) for pair in ("ee", "mumu", "pipi", "kk")},
}


def samples() -> list[tuple[str, dict[str, Any]]]:
    """Samples with process and decay of all channels that ship."""
    found = []
    for path in sorted((shipped_config() / "channels").glob("*.yaml")):
        for name, spec in yaml.read(path).content["samples"].items():
            if "decay" in spec and spec.get("process") in processes.names():
                found.append((f"{path.stem}/{name}", spec))
    return found


def undecayed(entry: DecayEntry) -> Events:
    """Twenty events that a process of the chain makes."""
    maker, masses = OTHER_MAKERS.get(entry.name) or MAKERS[frozenset(entry.decays)]
    process = processes.find(maker)
    entry.check_process(process.entry)
    given = process.complete(dict(zip(("mass_gev", "mass2_gev"), masses, strict=False)))
    x = generator("catalogue", entry.name).random((20, process.dimensions))
    cuts = {"photon_energy": (1.0, None), "photon_theta": (30.0, 150.0)} if maker == "three_gamma" else {}
    p4, _ = process.evaluate(x, generator("energy").uniform(10.7, 10.7001, 20), given, cuts)
    return Events.from_momenta(process.final_state(given), MACHINE.to_lab(p4))


@pytest.mark.parametrize("name", registry.names())
def test_one_event_decays_as_well_as_many(name: str) -> None:
    """A small batch may have no tau for a sampler that rejects trials."""
    events = undecayed(registry.knows(name))
    for row in range(6):
        one = registry.find(name)(events.select(slice(row, row + 1)), MACHINE, generator(name, row))
        assert len(one) == 1
        assert np.isfinite(one.p4).all()


@pytest.mark.parametrize("name", registry.names())
def test_an_entry_says_what_its_chain_does(name: str) -> None:
    entry = registry.knows(name)
    made = undecayed(entry)
    decayed = registry.find(name)(made, MACHINE, generator("catalogue", name, "decay"))
    assert (COLUMN in decayed.extra) == entry.displaced
    assert (ESCAPE_COLUMN in decayed.extra) == entry.escapes
    whole = entry.escapes or entry.function == "unseen"
    assert (decayed.pdg_id.shape[1] > made.pdg_id.shape[1]) != whole
    for pdg_id in entry.decays:
        left = ((decayed.pdg_id == pdg_id) & (decayed.status == FINAL)).sum()
        anything = "anything" in entry.arguments.get("others", ()) and pdg_id == DARK_PHOTON
        assert left == (20 if anything or entry.escapes else 0)


@pytest.mark.parametrize(("where", "spec"), samples())
def test_samples_that_ship_decay_what_their_process_makes(where: str, spec: dict[str, Any]) -> None:
    registry.knows(spec["decay"]).check_process(processes.knows(spec["process"]))


@pytest.mark.parametrize(
    ("decay", "process", "message"),
    [
        ("scalar_to_mumu", "mumu_zprime", "process mumu_zprime makes Z' and no scalar S"),
        ("dark_photons_to_six_leptons", "gamma_aprime", "makes dark photon A' and no dark Higgs h'"),
        ("alp_to_photons", "mumu", "process mumu makes no new particle and no axion-like particle a"),
    ],
)
def test_a_decay_of_what_is_not_made_is_refused(decay: str, process: str, message: str) -> None:
    with pytest.raises(UmbraError, match=f"^decay {decay}: .*{message}"):
        registry.knows(decay).check_process(processes.knows(process))


def test_unknown_decays_name_the_nearest() -> None:
    with pytest.raises(
        UmbraError, match=r"unknown decay 'dark_photon_to_mu'; did you mean 'dark_photon_to_mumu'"
    ):
        registry.find("dark_photon_to_mu")


def test_the_digest_of_a_chain_covers_its_arguments() -> None:
    function, arguments = registry.modules_of("b_scalar_to_ee")
    assert code_digest("generate", function) != code_digest("generate", function, arguments)


def test_two_entries_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from umbra.generation.decays import catalogue
    from umbra.generation.decays.catalogue import alp, eta

    make = partial(Catalogue, catalogue, DecayEntry, "decay")
    assert make().stem("alp_to_photons") == "alp"
    monkeypatch.setattr(eta, "COPY", DecayEntry(name="alp_to_photons", function="other"), raising=False)
    with pytest.raises(UmbraError, match="two entries have the name 'alp_to_photons'"):
        make().names()
    monkeypatch.setattr(eta, "COPY", alp.ALP_TO_PHOTONS)
    assert make().stem("alp_to_photons") == "alp"


def test_the_job_graph_knows_decays_without_numpy() -> None:
    asked = "from umbra.generation.decays import registry as r; [r.knows(n).decays for n in r.names()]"
    program = f"import sys; {asked}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
