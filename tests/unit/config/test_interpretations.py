"""Which readings of a channel are only other assumptions on the first one's search."""

from pathlib import Path

from umbra.config.interpretations import other_assumptions
from umbra.config.project import load
from umbra.plotting.channel import shown_lifetimes

MAIN = {"name": "main", "label": "no classifier", "background_scale": 1.0, "peaking_uncertainty": "free"}


def test_other_signals_regions_and_luminosities_are_other_searches():
    floor = MAIN | {"name": "floor", "background_scale": 0.0, "published_efficiency": 0.3}
    others = [
        MAIN | {"name": "electrons", "regions": ["ee"]},
        MAIN | {"name": "scalar", "signals": {"mumu": "scalar"}},
        MAIN | {"name": "projection", "luminosity_fb": 5e4},
    ]
    assert other_assumptions({"models": [MAIN, floor, *others]}) == ["floor"]
    assert other_assumptions({"models": [others[0], MAIN, floor]}) == []


def test_readings_of_real_channels_have_all_defaults_of_the_schema(project: Path):
    """A default that says nothing must not make a search of its own of every reading."""
    loaded = load({"channels": ["alp_b_to_k_babar", "leptophilic_scalar_babar"]}, project / "config")
    found = {name: other_assumptions(channel) for name, channel in loaded.channels.items()}
    assert found == {
        "alp_b_to_k_babar": ["no_background", "rejection_ten"],
        "leptophilic_scalar_babar": ["no_background"],
    }


def test_the_lifetime_of_the_bands_comes_first():
    assert shown_lifetimes([0.1, 1.0, 10.0, 100.0]) == [10.0, 0.1, 1.0, 100.0]
    assert shown_lifetimes([0.1, 1.0, 10.0, 100.0], 0.1) == [0.1, 10.0, 1.0, 100.0]
    assert shown_lifetimes([], 0.1) == []
