"""Data of a synthetic channel: the expectation, pseudo-experiments, and somebody's file."""

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from channels import CATEGORY, MAIN, category, changed, synthetic
from umbra.config.records import Asimov, FileData, Injection, ToyData
from umbra.core.errors import UmbraError
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.point import Point
from umbra.inference import binned_data
from umbra.inference.binned_data import BinnedData
from umbra.inference.methods import registry as methods


@pytest.fixture(scope="module", name="expectation")
def _expectation() -> BinnedExpectation:
    return synthetic()


def made(expectation: BinnedExpectation, settings) -> BinnedData:
    return methods.find(expectation.channel.fit).make_data(expectation, settings)


def from_text(expectation: BinnedExpectation, folder: Path, text: str) -> BinnedData:
    (folder / "d.csv").write_text(text)
    return made(expectation, FileData(file=str(folder / "d.csv")))


def test_the_expectation_itself_observes_nothing(expectation):
    assert made(expectation, Asimov()) is None


def test_toys_are_the_same_again_and_differ_by_seed(expectation):
    first = made(expectation, ToyData(seed=1))["peak"].values
    np.testing.assert_array_equal(first, made(expectation, ToyData(seed=1))["peak"].values)
    assert (first != made(expectation, ToyData(seed=2))["peak"].values).any()
    assert first.sum() == pytest.approx(
        expectation.background(CATEGORY)["qed"].sum(), abs=5 * first.sum() ** 0.5
    )


def test_categories_have_dice_of_their_own(expectation):
    """The same background in two categories: fluctuations that are shared would look like signals in both."""
    templates = expectation.templates["peak"]
    two = changed(
        expectation,
        channel={"categories": (CATEGORY, category(name="other"))},
        templates={"peak": templates, "other": templates},
    )
    data = made(two, ToyData(seed=1))
    first, second = (data[name].values - expectation.data_background(CATEGORY) for name in ("peak", "other"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 4.0 / np.sqrt(len(first))


def test_pseudo_data_have_the_background_that_the_first_interpretation_of_data_expects(expectation):
    """Scales belong to interpretations: that of a projection or of a later assumption plays no part."""
    interpretations = tuple(
        MAIN.model_copy(update=changes)
        for changes in (
            {"name": "later", "luminosity_fb": 50.0, "background_scale": 3.0},
            {"background_scale": 1.2},
            {"name": "none", "background_scale": 0.0},
        )
    )
    scaled = changed(expectation, channel={"interpretations": interpretations})
    plain, more = (each.data_background(CATEGORY) for each in (expectation, scaled))
    np.testing.assert_allclose(more, 1.2 * plain)
    toy = made(scaled, ToyData(seed=1))["peak"].values.sum()
    assert toy == pytest.approx(more.sum(), abs=5.0 * toy**0.5)
    assert toy > plain.sum() + 5.0 * toy**0.5


def test_signals_that_would_be_injected_nowhere_are_refused(expectation):
    def inject(mass_gev: float, **blocks):
        settings = Asimov(inject=Injection(mass_gev=mass_gev, coupling=1e-3))
        return made(changed(expectation, channel=blocks), settings)

    where = "channel synthetic: data/inject: "
    with pytest.raises(UmbraError, match=f"{where}no category has a simulated signal at 7 GeV"):
        inject(7.0)
    with pytest.raises(UmbraError, match=f"{where}a signal that flies"):
        inject(3.0, lifetimes_mm=(1.0, 10.0))


def test_an_injected_signal_of_more_events_than_can_be_counted_is_refused(expectation):
    settings = ToyData(seed=1, inject=Injection(mass_gev=3.0, coupling=1e5))
    with pytest.raises(UmbraError, match=r"data/inject: the coupling gives .* events in category peak"):
        made(expectation, settings)


def test_a_branch_of_lists_is_no_search_variable(expectation, tmp_path: Path):
    with uproot.recreate(tmp_path / "d.root") as file:
        file["peak"] = {"mass_gev": ak.Array([[1.0, 2.0], [3.0]])}
    with pytest.raises(
        UmbraError, match=r"d\.root: peak: the branch mass_gev does not hold one number for each"
    ):
        made(expectation, FileData(file=str(tmp_path / "d.root")))


def test_data_survive_their_file(expectation, tmp_path: Path):
    data = made(expectation, ToyData(seed=1))
    binned_data.write(tmp_path / "d.root", data)
    np.testing.assert_array_equal(binned_data.read(tmp_path / "d.root")["peak"].values, data["peak"].values)
    binned_data.write(tmp_path / "none.root", None)
    assert binned_data.read(tmp_path / "none.root") is None


def test_events_of_a_csv_are_counted_in_the_axis(expectation, tmp_path: Path):
    counts = from_text(expectation, tmp_path, "region,value\npeak,3.0\npeak,3.0\npeak,2.0\n")["peak"]
    assert counts.values.sum() == 3.0
    assert counts.values[np.searchsorted(counts.edges, 3.0, side="right") - 1] == 2.0


def test_bins_of_a_csv_become_the_bins_of_the_fit(expectation, tmp_path: Path):
    edges = np.linspace(2.0, 4.0, 201)
    rows = "\n".join(
        f"peak,{low!r},{high!r},100"
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    )
    data = from_text(expectation, tmp_path, f"region,low,high,count\n{rows}\n")
    h = methods.find(expectation.channel.fit).hypothesis(expectation, data, Point(3.0), MAIN)
    assert set(h.workspace["observations"][0]["data"]) == {100.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("region,value\npeak,abc\n", "line 2"),
        ("region,value\npeak,nan\n", "not finite"),
        ("region,value\nother,1.0\n", "no region 'other'"),
        ("a,b\n1,2\n", "columns a,b"),
        ("region,low,high,count\npeak,1.0,2.0,5\npeak,2.5,3.0,5\n", "do not follow"),
        ("region,low,high,count\npeak,1.0,2.0,-5\n", "not a bin with a count"),
        ("region,low,high,count\npeak,0.0,9.0,5\n", "region peak: the bin 0..9 is wider than the resolution"),
    ],
)
def test_bad_data_are_refused_with_file_and_value(expectation, tmp_path: Path, text: str, message: str):
    with pytest.raises(UmbraError, match=message) as error:
        from_text(expectation, tmp_path, text)
    assert "d.csv" in str(error.value)


def test_missing_data_file_names_channel_and_file(expectation):
    with pytest.raises(UmbraError, match=r"channel synthetic.*nowhere\.csv"):
        made(expectation, FileData(file="nowhere.csv"))
