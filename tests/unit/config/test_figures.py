"""Names of figures, and the interpretations that they show."""

from typing import get_args

import pytest

from umbra.config.figures import WINDOW_FIGURES, exclusion_figures, figures, limit_figures
from umbra.config.records import CountingFit, Fit, OtherCoupling, Produced, ToyData
from umbra.plotting.channel import FIGURES


def test_the_main_coupling_has_the_plain_name_and_each_other_its_own(make_channel):
    (main,) = make_channel().interpretations
    also = OtherCoupling(name="y", factor=1.0, exponent=2.0, convention="")
    both = main.coupling.model_copy(update={"also": (also,)})
    other = main.model_copy(
        update={"name": "scalar", "coupling": main.coupling.model_copy(update={"name": "g_s"})}
    )
    channel = make_channel(
        interpretations=(main.model_copy(update={"coupling": both}), other, other, main),
    )
    assert exclusion_figures(channel) == {
        "epsilon": "exclusion",
        "y": "exclusion_y",
        "g_s": "exclusion_g_s",
    }


def test_production_is_a_branching_fraction_where_decays_are_counted(make_channel):
    assert limit_figures(make_channel())["cross_section_fb"] == "cross_section"
    produced = Produced(particle="tau", count=1.0, relative_uncertainty=0.0, y_label="B")
    assert limit_figures(make_channel(produced=produced)) == {
        "epsilon": "exclusion",
        "branching_fraction": "branching_fraction",
    }


def test_fits_and_counts_are_told_apart_and_p_values_need_data(make_channel):
    shared = ["exclusion", "cross_section", "efficiency", "cutflow"]
    assert figures(make_channel()) == [*shared, "fits"]
    counting = make_channel(fit=CountingFit(half_window_sigma=2.0), data=ToyData(seed=1))
    assert figures(counting) == [*shared, "counts", "p_values"]


@pytest.mark.parametrize("table", [WINDOW_FIGURES, FIGURES], ids=["names", "classes"])
def test_each_kind_of_fit_has_its_row(table):
    assert set(table) == set(get_args(Fit))


def test_assumptions_are_those_on_the_search_of_the_main_interpretation(make_channel):
    (main,) = make_channel().interpretations

    def reading(name, **said):
        return main.model_copy(update={"name": name, **said})

    channel = make_channel(
        interpretations=(
            main,
            reading("no_background", kind="assumption", of="main"),
            reading("projected", kind="projection", of="main", luminosity_fb=50e3),
            reading("scalar"),
            reading("scalar_no_background", kind="assumption", of="scalar"),
        )
    )
    assert [each.name for each in channel.assumptions] == ["no_background"]
