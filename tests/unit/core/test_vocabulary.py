"""One table of words: whatever else spells a coupling or a portal spells one of these."""

import subprocess
import sys

import pytest
from matplotlib.mathtext import MathTextParser

from umbra.config.project import ROOT, read_yaml
from umbra.core.vocabulary import COUPLINGS, PORTALS, PYTHIA_TITLES, QUANTITIES, STATUSES
from umbra.generation.processes import registry as processes
from umbra.theory.registry import MODELS
from umbra.theory.registry import find as find_model

SCHEMA = read_yaml(ROOT / "workflow" / "schemas" / "channel.schema.yaml")
PYTHIA = read_yaml(ROOT / "workflow/scripts/umbra/generation/data/pythia_samples.yaml")["samples"]
TEXTS = {
    *(text for each in QUANTITIES.values() for text in (each.title, each.convention)),
    *(text for each in PORTALS.values() for text in (each.title, each.mass_axis)),
    *PYTHIA_TITLES.values(),
    *map(processes.title_of, processes.names()),
}


def test_the_schema_knows_the_same_words() -> None:
    assert SCHEMA["properties"]["portal"]["enum"] == list(PORTALS)
    assert SCHEMA["properties"]["coupling"]["properties"]["name"]["enum"] == list(COUPLINGS)


def test_couplings_belong_to_portals() -> None:
    assert {each.portal for each in COUPLINGS.values()} - {None} <= set(PORTALS)
    # A dark photon that is seen and one that is not have the same coupling.
    assert [name for name, each in COUPLINGS.items() if each.portal is None] == ["epsilon"]
    assert STATUSES[0] == "converged"


@pytest.mark.parametrize("name", MODELS)
def test_theories_limit_couplings_of_the_table(name: str) -> None:
    assert find_model(name).coupling_name in COUPLINGS


def test_backgrounds_of_pythia_have_titles() -> None:
    assert set(PYTHIA_TITLES) == set(PYTHIA)


@pytest.mark.parametrize("text", sorted(TEXTS - {""}))
def test_every_title_can_be_drawn(text: str) -> None:
    assert MathTextParser("path").parse(text).width > 0.0


def test_the_job_graph_reads_it_without_numpy() -> None:
    program = (
        "import sys, umbra.core.vocabulary; sys.exit('numpy' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
