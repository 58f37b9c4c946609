"""Working point of a discriminant: the efficiency that is left is the published one."""

import numpy as np
import pytest

from umbra import signal_model, working_point

from .test_signal_model import EFFICIENCY, records, sample

REGION = {
    "variable": "mass_gev",
    "working_point": "score",
    "published_efficiency": {"values": [[1.0, 0.8 * EFFICIENCY], [6.0, 0.4 * EFFICIENCY]]},
}


@pytest.fixture(scope="module", name="candidates")
def _candidates() -> dict[str, np.ndarray]:
    table = sample()
    # A score that grows with the mass, so that one cut for all masses would not do.
    noise = np.random.default_rng(3).random(len(table["weight"]))
    return {**table, "score": noise + table["generated_mass_gev"]}


def test_the_efficiency_becomes_the_published_one(candidates) -> None:
    model = signal_model.build("mass_gev", candidates, records(), "test")
    point = working_point.find(REGION, candidates, model)
    keep = point.keeps(candidates)
    kept = {name: column[keep] for name, column in candidates.items()}
    after = signal_model.build("mass_gev", kept, records(), "test", model)
    wanted = np.interp(model.mass_gev, [1.0, 6.0], [0.8 * EFFICIENCY, 0.4 * EFFICIENCY])
    assert after.efficiency == pytest.approx(wanted, rel=0.04)
    assert after.resolution == pytest.approx(model.resolution)


def test_nothing_is_cut_where_the_fast_simulation_is_worse_than_the_paper(candidates) -> None:
    model = signal_model.build("mass_gev", candidates, records(), "test")
    better = {**REGION, "published_efficiency": {"values": [[1.0, 1.2 * EFFICIENCY]]}}
    point = working_point.find(better, candidates, model)
    inside = np.abs(candidates["mass_gev"] - candidates["generated_mass_gev"]) < 1e-3
    assert point.keeps(candidates)[inside].mean() > 0.99


def test_the_cut_follows_the_mass_of_the_candidate() -> None:
    point = working_point.WorkingPoint("mass_gev", "score", np.array([1.0, 3.0]), np.array([0.0, 2.0]))
    table = {"mass_gev": np.array([0.5, 2.0, 2.0, 5.0]), "score": np.array([0.1, 0.9, 1.1, 1.9])}
    assert point.keeps(table).tolist() == [True, False, True, False]
