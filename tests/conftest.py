"""What all tests share."""

from pathlib import Path

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

PROJECT = Path(__file__).parents[1]

set_hypothesis_home_dir(PROJECT / ".snakemake" / "cache" / "hypothesis")
hypothesis.settings.register_profile("umbra", deadline=None, derandomize=True)
hypothesis.settings.load_profile("umbra")


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the project's folder."""
    return PROJECT
