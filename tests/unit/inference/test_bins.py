"""Fits of the bins that a paper publishes, with its backgrounds."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import ndtr

from umbra.config import yaml
from umbra.config.published_bins import read_bins
from umbra.config.records import BinsFit, Category
from umbra.core.constants import KAON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import kallen
from umbra.core.paths import shipped_config
from umbra.expectation.binned import shared_among
from umbra.expectation.signal import SHAPE_BINS, Signal
from umbra.inference import global_significance
from umbra.inference.binned_data import Counts
from umbra.inference.methods import bins as bins_method
from umbra.inference.methods.binned import At
from umbra.inference.workspace import Background, Bins, Workspace, build
from umbra.statistics.engine import discoveries
from umbra.theory.meson import B_PLUS_MASS_GEV

DATA = shipped_config() / "published" / "data"
HEAD = """# kind: bins
# arxiv: "0000.00000"
# citation: "Somebody, arXiv:0000.00000"
# origin: "table one of somebody"
# definition: "made up for tests"
# signal_like: known
# components:
#   known: {title: "known", relative_uncertainty: 0.1, simulated_weight: 0.0}
#   other: {title: "other", relative_uncertainty: 0.5, simulated_weight: 0.2}
"""


def write(folder: Path, *lines: str) -> Path:
    path = folder / "table.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def standard_model(*tags: str) -> Workspace:
    """Workspace in which the signal is what the Standard Model predicts."""
    channels = []
    for tag in tags:
        bins = read_bins(DATA / f"b_to_k_invisible_{tag}__BelleII__2311.14647.csv")
        backgrounds = [
            Background(
                name,
                np.array(bins.expected[name]),
                relative_uncertainty=each.relative_uncertainty,
                variance=each.simulated_weight * np.array(bins.expected[name]),
            )
            for name, each in bins.components.items()
            if name != "knunu"
        ]
        signal = np.array(bins.expected["knunu"])
        channels.append(Bins(tag, np.array(bins.observed, float), signal, 0.0, backgrounds))
    return build(channels, "standard_model", 0.03, ("parents", 0.02))


@pytest.mark.parametrize(
    ("tag", "published", "errors"), [("inclusive", 5.4, (0.8, 1.5)), ("hadronic", 2.2, (1.4, 2.6))]
)
def test_the_bins_give_back_the_strength_that_the_paper_finds(
    tag: str, published: float, errors: tuple[float, float]
):
    (found,) = discoveries([standard_model(tag)])
    assert found.status == "converged"
    assert found.mu_hat == pytest.approx(published, abs=0.5)
    assert errors[0] < found.mu_hat_error < errors[1]


def test_rate_efficiency_and_number_of_mesons_give_the_events_of_the_table(project: Path):
    """B(B⁺ → K⁺νν̄) = 4.97e-6 of the Standard Model; form factor of P. Ball, R. Zwicky, hep-ph/0406232."""
    said = yaml.read(project / "config" / "channels" / "b_to_k_invisible_belle2.yaml").content
    mass, efficiency = np.array(said["categories"]["inclusive"]["efficiency"]).T
    q2 = np.linspace(0.0, (B_PLUS_MASS_GEV - KAON_MASS_GEV) ** 2, 2001)[1:-1]
    pole = 1.0 - q2 / 5.41**2
    rate = (0.162 / pole + 0.173 / pole**2) ** 2 * kallen(B_PLUS_MASS_GEV**2, KAON_MASS_GEV**2, q2) ** 1.5
    seen = (rate * np.interp(np.sqrt(q2), mass, efficiency, right=0.0)).sum() / rate.sum()
    events = said["produced"]["number"] * 4.97e-6 * seen
    table = read_bins(DATA / "b_to_k_invisible_inclusive__BelleII__2311.14647.csv")
    assert sum(table.expected["knunu"]) == pytest.approx(events, rel=0.15)


def gaussian(masses_gev: list[float], resolution: float) -> Signal:
    """Signal with a Gaussian shape of known resolution in a squared mass."""
    t = np.linspace(-30.0, 30.0, SHAPE_BINS + 1)
    shape = np.diff(ndtr(t))
    n = len(masses_gev)
    even = np.ones(n)
    return Signal(
        variable="q2_gev2",
        mass_gev=np.array(masses_gev),
        efficiency=even,
        efficiency_error=0.01 * even,
        selected=even,
        resolution=resolution * even,
        resolution_error=0.01 * even,
        shape=np.tile(shape, (n, 1)),
        born_pb=even,
    )


def test_the_signal_is_shared_by_the_simulation_among_ranges_and_by_the_paper_within_one(tmp_path: Path):
    bins = read_bins(write(tmp_path, "low,high,known,other", "0,4,3,1", "4,8,5,1", "0,4,1,1", "8,25,2,1"))
    share = shared_among(bins, gaussian([1.0, 4.0], 1.0), 2.0)
    inside = np.diff(ndtr(np.array([0.0, 4.0, 8.0, 25.0]) - 4.0))
    assert share == pytest.approx([0.75 * inside[0], inside[1], 0.25 * inside[0], inside[2]], abs=2e-3)
    assert bins.observed == ()


def test_nothing_is_seen_of_a_signal_outside_of_all_ranges(tmp_path: Path):
    bins = read_bins(write(tmp_path, "low,high,known,other", "0,4,3,1"))
    assert not shared_among(bins, gaussian([1.0, 9.0], 0.1), 8.0).any()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["low,high,known", "0,4,3"], "the column other is missing"),
        (["low,high,known,other", "4,4,3,1"], "4 to 4 is no range"),
        (["low,high,known,other", "0,4,3,1", "3,8,3,1"], "0 to 4 and 3 to 8 overlap"),
        (["low,high,known,other", "0,4,0,1"], "0 to 4: no known tells how the signal is shared"),
        (["low,high,n_observed,known,other", "0,4,-1,3,1"], "observed/0: -1 is below 0"),
        (["low,high,known,other", "0,4,-3,1"], "-3 is below 0"),
        (["low,high,known,other", "0,4,3"], "line 11: 3 cells for 4 columns"),
    ],
)
def test_what_is_no_table_of_bins_is_refused(tmp_path: Path, lines: list[str], message: str):
    with pytest.raises(UmbraError, match=message):
        read_bins(write(tmp_path, *lines))


def test_a_component_that_is_none_cannot_tell_the_signal(tmp_path: Path):
    path = write(tmp_path, "low,high,known,other", "0,4,3,1")
    path.write_text(path.read_text().replace("signal_like: known", "signal_like: knwn"))
    with pytest.raises(UmbraError, match="'knwn' is none of the components"):
        read_bins(path)


def test_pseudo_experiments_have_categories_in_the_order_of_the_workspace():
    point = SimpleNamespace(bins={"first": (1, 2, 1), "second": (0, 1, 2)})
    fitted = {"channels": [{"name": "second"}, {"name": "first"}]}
    rows = global_significance._bins(point, fitted, {"second": 0, "first": 2})  # type: ignore[arg-type]
    assert rows.tolist() == [[0, 1], [1, 2], [3, 5]]


@pytest.mark.parametrize(
    ("sigma", "edges", "observed", "signal"),
    [(2.0, [2.0, 6.0], [14.0], [14.0]), (None, list(range(11)), list(range(10)), list(range(10)))],
)
def test_bins_within_reach_are_one_count(
    tmp_path: Path, sigma: float | None, edges: list[float], observed: list[float], signal: list[float]
):
    bins = read_bins(write(tmp_path, "low,high,known,other", *(f"{i},{i + 1},1,{i}" for i in range(10))))
    category = Category(
        name="all", signal="x", backgrounds=(), variable="q2_gev2", hypotheses_gev=(0.0, 3.0), bins=bins
    )
    axis, each = np.linspace(0.0, 10.0, 11), np.arange(10.0)
    expectation = SimpleNamespace(
        edges=lambda _: axis,
        signal=lambda *_: gaussian([1.0, 3.0], 1.0),
        signal_shape=lambda *_: each,
        background=lambda *_: {"other": each},
        background_variance=lambda *_: {"other": 0.2 * each},
    )
    at = At(expectation, None)  # type: ignore[arg-type]
    method = bins_method.PublishedBins(BinsFit(count_within_sigma=sigma))
    window = method.window(at, category, {"all": Counts(axis, each)}, 2.0)
    assert window.edges.tolist() == edges
    assert window.observed is not None
    assert window.observed.tolist() == observed
    assert method.signal_shape(at, window, 2.0).tolist() == signal
    (background,) = method.backgrounds(at, window)
    assert background.counts.tolist() == signal
    assert background.variance == pytest.approx(0.2 * background.counts)
    assert background.relative_uncertainty == 0.5
