# ruff: noqa: RUF001
"""P-values, example fits, signal model and cutflow: what is drawn is listed, what is missing is said."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from umbra.config.categories import Spectrum
from umbra.config.records import (
    Asimov,
    Bound,
    Branching,
    Coupling,
    FileData,
    Injection,
    Interpretation,
    Island,
    OtherCoupling,
    Produced,
    PublishedEfficiency,
    Sample,
    ToyData,
)
from umbra.config.records import Comparison as Wanted
from umbra.core.errors import UmbraError
from umbra.expectation.signal import SHAPE_BINS, Signal
from umbra.inference.hypothesis import FittedPoint
from umbra.inference.workspace import write_archive
from umbra.plotting.canvas import PUBLISHED as PUBLISHED_COLOUR
from umbra.plotting.canvas import STYLE, header
from umbra.plotting.counts import Window, plot_counts
from umbra.plotting.cutflow import plot_cutflow
from umbra.plotting.figures import TRIAL, Findings
from umbra.plotting.fits import ExampleFit, plot_fits
from umbra.plotting.labels import Labels, channel_labels, sample_titles
from umbra.plotting.mass_scan import (
    SpectrumFigures,
    counting_windows,
    islands_of,
    overlays,
    shown_lifetimes,
    widest,
    window_edges,
)
from umbra.plotting.pvalues import plot_p_values
from umbra.plotting.signal import plot_signal
from umbra.results.limits import LimitRow
from umbra.selection.cutflow import Count, Cutflow
from umbra.validation.published import load_curve, load_curves

PUBLISHED = Path(__file__).parents[3] / "config" / "published"

LABELS = Labels(
    experiment="BaBar",
    process=r"$e^+e^-\to\gamma A^\prime$",
    mass_axis="$m$ [GeV]",
    sqrt_s_gev=(10.58,),
    luminosity_fb=514.0,
    confidence_level=0.9,
    backgrounds={"qq": "pythia"},
    data="toy",
    seed=1,
)
ASIMOV = replace(LABELS, data="asimov", seed=None)


def fitted(mass_gev, status="converged", member=None, **found):
    return FittedPoint(
        mass_gev=mass_gev,
        mass2_gev=None,
        lifetime_mm=None,
        interpretation="main",
        status=status,
        reason="",
        yield_per_mu=1.0,
        production="cross_section_fb",
        production_per_mu=1.0,
        coupling_power_per_mu=1.0,
        member=member,
        windows={},
        bins={},
        expected_background=0.0,
        **found,
    )


POINTS = [
    fitted(0.0, p0=0.5, z=0.0),
    fitted(1.0, p0=1.3e-5, z=4.2),
    fitted(2.0, "fit_failed"),
    fitted(3.0, "excluded_window"),
    fitted(4.0, p0=0.1, z=1.28),
]


def numbers(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_scan_lists_every_point_and_leaves_missing_ones_empty(tmp_path):
    plot_p_values(tmp_path / "p", POINTS, LABELS, global_text="global p = 0.1")
    listed = numbers(tmp_path / "p.csv")
    assert [line["p0"] for line in listed] == ["0.5", "1.3e-05", "", "", "0.1"]
    assert listed[3]["status"] == "excluded_window"
    assert (tmp_path / "p.pdf").stat().st_size > 1000


def test_without_data_there_is_no_scan(tmp_path):
    with pytest.raises(UmbraError, match="needs data"):
        plot_p_values(tmp_path / "p", POINTS, ASIMOV)


def test_a_scan_without_any_p_value_says_so(tmp_path):
    plot_p_values(tmp_path / "p", POINTS[2:3], LABELS)
    assert numbers(tmp_path / "p.csv") == []
    assert (tmp_path / "p.png").is_file()


def example(observed, background):
    observed, background = np.array(observed, dtype=float), np.array(background, dtype=float)
    return ExampleFit(
        region="mumu",
        variable_title="$m$ [GeV]",
        mass_gev=1.0,
        edges=np.arange(len(observed) + 1.0),
        observed=observed,
        background=background,
        signal_plus_background=background + 1.0,
    )


def test_pulls_are_in_units_of_the_background_fluctuation(tmp_path):
    fit = example([12, 100, 0], [4, 121, 0])
    assert fit.pulls().tolist() == [4.0, -21.0 / 11.0, 0.0]
    plot_fits(tmp_path / "fits", [fit, fit, fit], LABELS)
    listed = numbers(tmp_path / "fits.csv")
    assert len(listed) == 9
    assert [float(line["pull"]) for line in listed[:3]] == fit.pulls().tolist()


def test_examples_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(UmbraError, match="7 example fits"):
        plot_fits(tmp_path / "fits", [example([1], [1])] * 7, LABELS)
    with pytest.raises(UmbraError, match="2 values of observed for 4 edges"):
        plot_fits(tmp_path / "fits", [replace(example([1, 1, 1], [1, 1, 1]), observed=np.ones(2))], LABELS)


def test_efficiency_and_resolution_list_generated_masses_and_the_curve(tmp_path):
    masses = np.array([0.5, 1.0, 2.0, 4.0])
    model = Signal(
        "mass_gev", masses, 0.1 + 0.01 * masses, 0.001 * masses, 0.01 * masses, 0.001 * masses,
        np.ones((4, SHAPE_BINS)), np.ones(4), np.ones(4),
    )  # fmt: skip
    plot_signal(tmp_path / "signal", {"mumu": model}, ASIMOV, ranges={"mumu": (0.2, 4.0)})
    listed = numbers(tmp_path / "signal.csv")
    generated = [line for line in listed if line["kind"] == "generated"]
    assert [float(line["efficiency"]) for line in generated] == (0.1 + 0.01 * masses).tolist()
    curve = [line for line in listed if line["kind"] == "curve"]
    assert float(curve[0]["resolution"]) == pytest.approx(0.005, rel=1e-6)
    assert float(curve[-1]["efficiency"]) == pytest.approx(0.14, rel=1e-6)


def test_no_example_is_said(tmp_path):
    plot_fits(tmp_path / "fits", [], LABELS)
    assert numbers(tmp_path / "fits.csv") == []


def window(mass_gev, ww, tt, **more):
    return Window(mass_gev=mass_gev, backgrounds={"ww": ww, "tt": tt}, observed=None, limit=2.3, **more)


def test_counting_windows_list_each_background(tmp_path):
    plot_counts(tmp_path / "counts", [window(1.0, 0.0, 0.5), window(2.0, 3.0, 0.0)], ASIMOV, {"ww": "W"})
    first, second = numbers(tmp_path / "counts.csv")
    assert (first["ww"], first["tt"], first["observed"], first["expected_limit"]) == ("0.0", "0.5", "", "2.3")
    assert second["ww"] == "3.0"
    with pytest.raises(UmbraError, match="window at 2 GeV has not the backgrounds"):
        plot_counts(
            tmp_path / "counts",
            [window(1.0, 0.0, 0.5), replace(window(2.0, 1.0, 1.0), backgrounds={})],
            ASIMOV,
            {},
        )


def test_an_injected_signal_is_never_called_data():
    injected = replace(ASIMOV, data="injected")
    assert injected.observed == "Asimov with signal"
    assert injected.data_text == "no data: Asimov with an injected signal"


def counts(*weights):
    return Cutflow(
        {f"cut {number}": Count(int(weight), weight, weight) for number, weight in enumerate(weights)}
    )


def test_the_cutflow_is_relative_to_the_first_count_and_nothing_left_is_said(tmp_path):
    plot_cutflow(
        tmp_path / "cutflow", {"signal": counts(100.0, 25.0), "background": counts(400.0, 0.0)}, ASIMOV
    )
    listed = numbers(tmp_path / "cutflow.csv")
    assert [float(line["fraction"]) for line in listed] == [1.0, 0.25, 1.0, 0.0]
    assert float(listed[1]["weight_error"]) == 5.0


@pytest.mark.parametrize("title", ["", "a line above"])
def test_warnings_stand_in_red_above_all_else(title):
    with rc_context(STYLE):
        figure = Figure(figsize=(9.5, 7.4), dpi=60)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(title, loc="right", fontsize=13, pad=26)
        header(axes, replace(LABELS, warnings=("Not to be quoted.", "bound missed " * 20)))
        figure.draw_without_rendering()
        *others, warning = axes.texts
        lowest = warning.get_window_extent().y0
        assert warning.get_text().startswith("Not to be quoted.\nbound missed")
        assert warning.get_color() == PUBLISHED_COLOUR
        assert all(text.get_window_extent().y1 < lowest for text in (*others, axes.title, axes._right_title))


def test_figures_of_the_tiny_scan_say_so_and_those_of_limits_where_they_fall_short(make_channel, tmp_path):
    found = Findings(
        table=(), contours=(), published=(), expectation=None, data=None, cutflows={}, fits=(), archives=(),
        shortfalls={"epsilon": ("Bound missed.",)},
    )  # fmt: skip
    warnings = {
        scan: SpectrumFigures(tmp_path, make_channel(scan=scan), found) for scan in ("tiny", "default")
    }
    assert warnings["default"].labels.warnings == ()
    assert warnings["default"].of_limits("epsilon").warnings == ("Bound missed.",)
    assert warnings["tiny"].labels.warnings == (TRIAL,)
    assert warnings["tiny"].of_limits("epsilon").warnings == (TRIAL, "Bound missed.")
    assert warnings["tiny"].of_limits("yield").warnings == (TRIAL,)


def test_cutflows_that_cannot_be_compared_are_refused(tmp_path):
    with pytest.raises(UmbraError, match="sample b has the cuts"):
        plot_cutflow(tmp_path / "c", {"a": counts(1.0, 1.0), "b": counts(1.0)}, ASIMOV)
    with pytest.raises(UmbraError, match="sample a starts with no weight"):
        plot_cutflow(tmp_path / "c", {"a": counts(0.0, 0.0)}, ASIMOV)


def test_the_edges_of_a_window_are_runs_of_the_axis():
    axis = np.array([0.0, 1.0, 2.5, 4.0, 6.0, 8.5, 11.0])
    assert window_edges(axis, (1, 2, 2)).tolist() == axis[1:6:2].tolist()
    assert window_edges(axis, (0, 1, len(axis) - 1)).tolist() == axis.tolist()


def test_the_labels_of_a_channel_come_from_its_record(make_channel):
    channel = make_channel()
    samples = {
        **channel.samples,
        "beam": Sample(
            name="beam_photons",
            role="background",
            origin="parametrised",
            process="external",
            machine=channel.machine,
            generator={},
            events=0,
        ),
    }
    imposed = PublishedEfficiency(values=((1.0, 0.2),), relative_to="all events of a test")
    spectrum = Spectrum(measures="mass", candidates=((1.0, 10.0), (2.0, 10.0)))
    channel = make_channel(
        samples=samples,
        data=ToyData(seed=5, inject=Injection(mass_gev=1.0, coupling=1e-3)),
        categories=(
            channel.categories[0].model_copy(update={"published_efficiency": imposed}),
            channel.categories[0].model_copy(
                update={"name": "from_data", "published_efficiency": imposed, "spectrum": spectrum}
            ),
        ),
        from_memory=("categories mumu: requirements", "fit: background_degree"),
        detector_from_memory=3,
    )
    labels = channel_labels(channel)
    assert labels.mass_axis == r"$m_{A^{\mathrm{\prime }}}$ [GeV]"
    assert labels.sqrt_s_gev == (10.58,)
    assert labels.data_text == "pseudo-data (toy, seed 5)"
    assert labels.background_text == (
        r"Backgrounds: $\gamma\gamma\gamma$ (matrix element), beam photons (parametrised)"
    )
    said = " ".join(labels.notes)
    assert "A signal at 1 GeV with coupling 0.001 is injected." in said
    assert "paper's efficiency is imposed on signal and background (mumu)" in said
    assert "Background as the paper finds it in its data, and the paper's efficiency (from data)." in said
    assert "2 values of the search (listed on the validation page) and 3 of the detector." in said
    assert "background_degree" not in said


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (Asimov(), "asimov"),
        (Asimov(inject=Injection(mass_gev=1.0, coupling=1e-3)), "injected"),
        (ToyData(seed=1), "toy"),
        (FileData(file="d.csv"), "file"),
    ],
)
def test_the_kind_of_data_is_that_of_the_channel(make_channel, data, name):
    assert channel_labels(make_channel(data=data)).data == name


def test_the_main_title_of_a_coupling_counts_and_others_add_theirs(make_channel):
    (main,) = make_channel().interpretations
    also = OtherCoupling(name="y", factor=1.0, exponent=2.0, convention="y = ε² α_D (m_χ/m_{A′})⁴")
    other = main.coupling.model_copy(update={"y_label": "another title"})
    scalar = Coupling(name="g_s", reference=1.0, power=2, convention="L = g φ μμ", y_label="g_S")
    labels = channel_labels(
        make_channel(
            interpretations=(
                main.model_copy(update={"coupling": main.coupling.model_copy(update={"also": (also,)})}),
                Interpretation(name="other", label="other", coupling=other),
                Interpretation(name="scalar", label="scalar S", coupling=scalar),
            ),
            produced=Produced(
                particle="J/ψ", count=1.0087e10, relative_uncertainty=0.004, y_label="B(J/ψ → X)"
            ),
        )
    )
    assert labels.title("epsilon") == "ε"
    assert labels.title("g_s") == "$g_{S}$"
    assert labels.title("branching_fraction") == "B(J/ψ → X)"
    assert labels.convention("y").startswith("Convention: y = ε")
    assert labels.model_titles == {"main": "dark photon", "other": "other", "scalar": "scalar S"}
    assert labels.parents == r"1.009 $\times$ 10$^{\mathrm{10}}$ J/ψ"


def test_samples_of_one_process_are_told_apart(make_channel):
    samples = make_channel().samples
    twin = samples["three_photons"].model_copy(update={"name": "three_photons_hard"})
    titles = sample_titles(make_channel(samples={**samples, "three_photons_hard": twin}))
    assert titles == {
        "aprime": "signal aprime",
        "three_photons": r"$\gamma\gamma\gamma$ (three photons)",
        "three_photons_hard": r"$\gamma\gamma\gamma$ (three photons hard)",
    }


def test_categories_that_select_the_same_are_drawn_once(make_channel):
    (own,) = make_channel().categories
    part = own.model_copy(update={"name": "part", "hypotheses_gev": (2.0, 3.0)})
    tighter = part.model_copy(update={"name": "tighter", "requirements": {"mbc_gev": (5.27, None)}})
    beyond = part.model_copy(update={"name": "beyond", "hypotheses_gev": (2.0, 100.0)})
    assert [each.name for each in widest([part, own, tighter, beyond])] == [own.name, "tighter", "beyond"]


def test_lifetimes_that_are_shown_are_the_nearest_ones_main_first():
    assert shown_lifetimes([]) == []
    assert shown_lifetimes([0.05, 1.1, 9.0, 120.0]) == [9.0, 0.05, 1.1, 120.0]
    assert shown_lifetimes([0.05, 1.1, 9.0, 120.0], 130.0) == [120.0, 9.0, 0.05, 1.1]


def test_couplings_that_fix_the_lifetime_are_drawn_as_islands(make_channel):
    (main,) = make_channel().interpretations
    island = Island(particle="dark_higgs", masses_gev=(0.1, 4.0))
    mixing = main.coupling.model_copy(update={"name": "sin_theta"})
    other = main.model_copy(update={"name": "scalar", "coupling": mixing, "island": island})
    assert islands_of(make_channel()) == []
    assert islands_of(make_channel(interpretations=(main, other))) == ["sin_theta"]


def test_published_curves_of_another_signal_are_not_laid_over_the_main_one(make_channel):
    (main,) = make_channel().interpretations
    bound = Bound(median_dex=0.1, bias_dex=0.05, worst_dex=0.3)
    wanted = [
        Wanted(curve=name, bounds=(bound,), interpretation=reading, why="")
        for name, reading in (
            ("mine", "main"),
            ("assumption", "assumed"),
            ("theirs", "other"),
            ("projection", "later"),
        )
    ]
    channel = make_channel(
        interpretations=(
            main,
            main.model_copy(update={"name": "assumed"}),
            main.model_copy(
                update={"name": "other", "branching": Branching(particle="z_prime", final_state="mumu")}
            ),
            main.model_copy(update={"name": "later", "kind": "projection", "luminosity_fb": 50e3}),
        ),
        comparisons=tuple(wanted),
    )
    curve = next(iter(load_curves(PUBLISHED.glob("*.yaml")).values()))
    names = ("mine", "assumption", "theirs", "projection", "overlay")
    curves = [curve.model_copy(update={"name": name, "quantity": "epsilon"}) for name in names]
    drawn = [each.curve.name for each in overlays(curves, "epsilon", channel, [])]
    assert drawn == ["mine", "assumption", "projection", "overlay"]
    assert overlays(curves, "y", channel, []) == []


def test_of_a_curve_with_lifetimes_the_main_one_is_laid_over(make_channel):
    curve = load_curve(PUBLISHED / "b_to_k_longlived_scalar__BelleII-Kplus-mumu__2306.02830.yaml")
    (drawn,) = overlays([curve], "branching_fraction", make_channel(), [10.0, 100.0])
    assert drawn.lifetime_mm == 10.0


def specification(*categories):
    """Workspace of categories: name -> counts of the signal, of each background, and observed."""
    return {
        "channels": [
            {"name": name, "samples": [{"name": each, "data": data} for each, data in samples.items()]}
            for name, samples, _ in categories
        ],
        "observations": [{"name": name, "data": data} for name, _, data in reversed(categories)],
    }


def test_counting_windows_add_the_categories_of_a_workspace(tmp_path):
    one = ("one", {"signal": [1.0], "ww": [2.0], "tt": [0.5]}, [3.0])
    two = ("two", {"signal": [1.0], "ww": [4.0]}, [5.0])
    write_archive(tmp_path / "block.zip", {"main/1": specification(one, two), "main/2": specification(two)})
    points = [
        (fitted(mass, member=member), tmp_path / "block.zip")
        for mass, member in ((1.0, "main/1"), (1.5, None), (2.0, "main/2"))
    ]
    yields = [
        LimitRow(mass_gev=1.0, quantity="yield", method="cls", status="converged", expected=2.3),
    ]
    first, second = counting_windows(points, has_data=True, yields=yields)
    assert (first.mass_gev, first.observed, first.limit) == (1.0, 8.0, 2.3)
    assert first.backgrounds == {"ww": 6.0, "tt": 0.5}
    assert (second.mass_gev, second.observed, second.limit) == (2.0, 5.0, None)
    assert second.backgrounds == {"ww": 4.0, "tt": 0.0}
    assert counting_windows(points, has_data=False, yields=[])[0].observed is None
