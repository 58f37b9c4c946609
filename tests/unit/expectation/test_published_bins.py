"""Backgrounds of categories that take the bins of a paper."""

import numpy as np
import pytest

from umbra.config.project import load
from umbra.core.paths import shipped_config
from umbra.expectation import background
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.channel import PB_PER_FB


@pytest.mark.parametrize("name", ["na64_invisible", "na62_k_pi_x_counts", "b_to_k_invisible_belle2"])
def test_a_published_background_is_that_of_the_paper(name: str) -> None:
    """Also along a variable that tells nothing of the mass."""
    channel = load({"channels": [name]}, shipped_config()).records[name]
    templates = {}
    for category in channel.categories:
        assert category.bins is not None
        edges = np.arange(len(category.bins.low) + 1.0)
        luminosity_pb = channel.luminosity_fb() / PB_PER_FB
        templates[category.name] = background.from_bins(edges, category.bins, luminosity_pb)
    expectation = BinnedExpectation(channel, {}, templates)
    for category in channel.categories:
        assert category.bins is not None
        expected = np.sum(list(category.bins.expected.values()), axis=0)
        found = expectation.total_background(category, channel.main)
        assert found == pytest.approx(expected)
