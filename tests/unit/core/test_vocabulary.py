"""One table of words: whatever else spells a coupling or a portal spells one of these."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser

from umbra.config import yaml
from umbra.config.channel_yaml import PYTHIA_SAMPLES_FILE
from umbra.core.modules import Modules
from umbra.core.paths import PACKAGE
from umbra.core.search_variables import VARIABLES
from umbra.core.status import STATUSES
from umbra.core.variables import mass_at, position, scale_of
from umbra.core.vocabulary import COUPLINGS, PORTALS, PYTHIA_TITLES, QUANTITIES
from umbra.generation.processes import registry as processes
from umbra.selection import registry as selections
from umbra.theory.registry import FINAL_STATES
from umbra.theory.registry import find as find_model

PYTHIA = yaml.read(PYTHIA_SAMPLES_FILE).content["samples"]
TEXTS = {
    *(text for each in QUANTITIES.values() for text in (each.title, each.convention)),
    *(text for each in PORTALS.values() for text in (each.title, each.mass_axis)),
    *(each.title for each in VARIABLES.values()),
    *PYTHIA_TITLES.values(),
    *map(processes.title_of, processes.names()),
}


def test_couplings_belong_to_portals() -> None:
    assert {each.portal for each in COUPLINGS.values()} - {None} <= set(PORTALS)
    # A dark photon that is seen and one that is not have the same coupling.
    assert [name for name, each in COUPLINGS.items() if each.portal is None] == ["epsilon"]
    assert STATUSES[0] == "converged"


@pytest.mark.parametrize("name", FINAL_STATES)
def test_theories_limit_couplings_of_the_table(name: str) -> None:
    assert find_model(name).coupling_name in COUPLINGS


def test_backgrounds_of_pythia_have_titles() -> None:
    assert set(PYTHIA_TITLES) == set(PYTHIA)


@pytest.mark.parametrize("text", sorted(TEXTS - {""}))
def test_every_title_can_be_drawn(text: str) -> None:
    assert MathTextParser("path").parse(text).width > 0.0


@pytest.mark.parametrize("name", [name for name, each in VARIABLES.items() if each.measures != "nothing"])
def test_masses_have_a_place_in_each_variable_and_back(name: str) -> None:
    mass = np.array([0.3, 1.0, 9.5])
    assert mass_at(name, position(name, mass)) == pytest.approx(mass, rel=1e-12)
    # The unit of the name is that of the value.
    assert (position(name, 2.0) == 4.0) == name.endswith("gev2")
    assert mass_at(name, -1.0) == mass_at(name, 0.0)
    assert (scale_of(name, mass) == position(name, mass)).all()


def test_what_tells_nothing_of_the_mass_piles_up_at_zero() -> None:
    mass = np.array([0.3, 1.0, 9.5])
    assert (position("ecal_energy_gev", mass) == 0.0).all()
    assert (scale_of("ecal_energy_gev", mass) == mass).all()
    assert (mass_at("ecal_energy_gev", mass) == 0.0).all()


def test_every_variable_is_made_by_a_selection() -> None:
    made = {column for name in selections.names() for column in selections.columns_of(name)}
    assert set(VARIABLES) <= made


@pytest.mark.parametrize("stage", ["generate", "skim", "model", "data", "fit", "toys", "injection"])
def test_a_new_word_computes_nothing_again(stage: str) -> None:
    """What a stage imports is in its digest: a coupling, process, decay or selection more must not be."""
    heavy = Modules(PACKAGE).reached(f"umbra.stages.{stage}")
    assert "umbra.core.errors" in heavy
    assert "umbra.core.vocabulary" not in heavy
    assert [
        name for name in heavy if ".catalogue." in name or name.startswith("umbra.selection.options.")
    ] == []


def test_the_job_graph_reads_it_without_numpy() -> None:
    program = (
        "import sys, umbra.core.vocabulary; sys.exit('numpy' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
