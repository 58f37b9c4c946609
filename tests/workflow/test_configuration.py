"""Configuration: what is accepted, and the one clear sentence for what is not."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from umbra.config import project as configuration
from umbra.config import yaml
from umbra.config.checks import hypotheses
from umbra.config.measurements import Block
from umbra.config.records import Bound, Channel, Injection, ToyData
from umbra.core.errors import UmbraError

CHANNEL = "alp_3gamma_belle2"
PLANE = "dark_higgs_invisible_belle2"


@pytest.fixture
def config(tmp_path: Path, project: Path) -> Path:
    """A copy of the configuration with one channel."""
    shutil.copytree(project / "config", tmp_path / "config")
    for path in (tmp_path / "config" / "channels").glob("*.yaml"):
        if path.stem != CHANNEL:
            path.unlink()
    return tmp_path / "config"


def load(config: Path, **overrides: Any) -> configuration.Project:
    return configuration.load({"overrides": {CHANNEL: overrides} if overrides else {}}, config)


def files(config: Path, **overrides: Any) -> dict[str, list[str]]:
    return load(config, **overrides).channels[CHANNEL]["sample_files"]


def edit(config: Path, old: str, new: str) -> None:
    path = config / "channels" / f"{CHANNEL}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def append(config: Path, text: str) -> None:
    edit(config, "\ncompare:", f"\n{text}\n\ncompare:")


def test_defaults_come_from_the_records(config: Path):
    project = load(config)
    assert project.run["scan"] == "default"
    record = project.records[CHANNEL]
    assert record.limit.calculation == "auto"
    assert record.samples["gamma_gamma"].generator.weighted is False


def test_every_channel_file_is_valid(project: Path):
    loaded = configuration.load({}, project / "config")
    assert sorted(loaded.channels) == sorted(
        path.stem for path in (project / "config" / "channels").glob("*.yaml")
    )


def test_the_full_scan_has_the_published_number_of_hypotheses(project: Path):
    records = configuration.load({"scan": "full"}, project / "config").records
    masses = {name: hypotheses(channel) for name, channel in records.items()}
    assert len(masses["alp_3gamma_belle2"]) == 500
    assert len(masses["aprime_dilepton_babar"]) == 5704
    assert sum(m >= 0.2125 for m in masses["aprime_dilepton_babar"]) == 5370
    assert len(masses["zprime_mumu_babar"]) == 2219
    assert len(masses["jpsi_eta_aprime_besiii"]) == 479
    assert len(masses["aprime_dilepton_besiii"]) == 191
    assert len(masses["jpsi_etaprime_aprime_besiii"]) == 401
    assert masses["aprime_dilepton_belle2"] == masses["aprime_dilepton_babar"]


def test_jobs_share_the_hypotheses(project: Path):
    loaded = configuration.load({"scan": "full"}, project / "config")
    for name, channel in loaded.channels.items():
        blocks = [Block.model_validate(block) for block in channel["blocks"].values()]
        assert [m for block in blocks for m in block.masses_gev] == list(hypotheses(loaded.records[name]))


def test_no_sample_has_more_chunks_than_a_cluster_should_see(config: Path):
    def chunks(events: int) -> tuple[int, int]:
        project = load(config, samples={"three_gamma": {"events": events, "chunk_events": 100}})
        (made,) = project.samples["superkekb_2018"]["three_gamma"].values()
        number = len(project.channels[CHANNEL]["sample_files"]["three_gamma"])
        return number, made["generator"]["chunk_events"]

    assert chunks(50) == (1, 50)
    assert chunks(300) == (3, 100)
    assert chunks(10_001) == (5, 2_001)
    assert chunks(50_000_000) == (25, 2_000_000)


def test_samples_are_named_by_what_is_generated_not_by_channel(config: Path):
    before = files(config)
    assert before == files(config, title="another title", fit={"half_window_sigma": 15.0})
    changed = files(config, samples={"three_gamma": {"cuts": {"photon_energy": [0.5, None]}}})
    assert changed["three_gamma"] != before["three_gamma"]
    assert changed["gamma_gamma"] == before["gamma_gamma"]


def test_overrides_change_one_stage_only(config: Path):
    before = load(config).channels[CHANNEL]["slices"]
    after = load(config, fit={"half_window_sigma": 15.0}).channels[CHANNEL]["slices"]
    assert {stage for stage in before if before[stage] != after[stage]} == {"fit", "injection", "plot"}


COMPARED = {"curve": "alp_gammagamma__BelleII__2007.13071", "median_dex_below": 0.1, "why": "a test"}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"colour": "red"}, "(top): there is no key 'colour'"),
        ({"title": r"a $\nosuch{x}$"}, "is no formula that can be drawn"),
        ({"fit": {"half_window_sigma": -3.0}}, "fit/half_window_sigma: -3.0 is not above 0.0"),
        ({"fit": {"half_window_sigma": "wide"}}, "fit/half_window_sigma: 'wide' is not a number"),
        ({"fit": {"method": "counting"}}, "fit: there is no key 'bin_sigma'"),
        (
            {"data_sets": {"all": {"luminosity_fb": float("nan")}}},
            "data_sets/all/luminosity_fb: nan is not a finite number",
        ),
        ({"data_sets": {"all": {"machine": "lep"}}}, "data_sets/all/machine: there is no lep.yaml"),
        ({"samples": {"alp": {"masses_gev": [-1.0, 2.0]}}}, "samples/alp/masses_gev/0: -1.0 is not above"),
        (
            {"samples": {"alp": {"masses_gev": [1.0, 12.0]}}},
            "samples/alp/masses_gev: 12 GeV is above the kinematic limit",
        ),
        (
            {"samples": {"three_gamma": {"process": "four_gamma"}}},
            "samples/three_gamma: unknown process 'four_gamma'; did you mean",
        ),
        ({"samples": {"three_gamma": {"masses_gev": [1.0, 2.0]}}}, "unknown parameter 'coupling'"),
        ({"selection": {"name": "no_such"}}, "unknown selection 'no_such'; known: "),
        ({"limit": {"level": 1.5}}, "limit/level: 1.5 is not below 1.0"),
        ({"limit": {"coupling": {"name": "epsilonn"}}}, "did you mean 'epsilon'?"),
        (
            {"search": {"portal": "alp_photn"}},
            "search/portal: 'alp_photn' is not known; did you mean 'alp_photon'",
        ),
        ({"search": {"experiment": "belle3"}}, "there is no belle3.yaml"),
        ({"data": {"kind": "toy"}}, "data: the key 'seed' is missing"),
        ({"masses": {"vetoed_gev": [[1.1, 1.0]]}}, "masses/vetoed_gev/0: the interval is reversed or empty"),
        ({"masses": {"vetoes": [[1.0, 1.1]]}}, "masses: there is no key 'vetoes'"),
        (
            {"categories": {"pair_high": {"hypotheses_gev": [5.0, 2.0]}}},
            "categories/pair_high/hypotheses_gev: the interval is reversed or empty: 5 is not below 2",
        ),
        (
            {"categories": {"pair_low": {"variable": "m2_pair"}}},
            "categories/pair_low/variable: there is no search variable 'm2_pair'; did you mean 'm2_pair_gev2'?",
        ),
        (
            {"categories": {"pair_low": {"requirements": {"min_photon": [1.0, None]}}}},
            "categories/pair_low/requirements: there is no column of the selection 'min_photon'",
        ),
        (
            {"categories": {"simulated_low": {"working_point": "helicity_cosine"}}},
            "categories/simulated_low/working_point: a column alone needs an efficiency",
        ),
        (
            {"interpretations": {"photon_alp": {"categories": ["nowhere"]}}},
            "interpretations/photon_alp: there is no category 'nowhere'",
        ),
        (
            {"interpretations": {"photon_alp": {"signals": {"nowhere": "alp"}}}},
            "interpretations/photon_alp: there is no category 'nowhere'",
        ),
        (
            {"interpretations": {"photon_alp": {"signals": {"pair_low": "three_gamma"}}}},
            "'three_gamma' is not a signal sample",
        ),
        ({"overlays": ["nowhere"]}, "overlays: there is no nowhere.yaml in "),
        (
            {"compare": [{**COMPARED, "median_dex_below": 0.1, "bias_dex_below": 0.2}]},
            "compare/0: bounds on bias, median and worst bin must rise, unlike 0.2, 0.1 and 0.3 dex",
        ),
        (
            {"compare": [{**COMPARED, "by_mass": [{"gev": [2.0, 1.0], "median_dex_below": 0.1}]}]},
            "compare/0/by_mass/0/gev: the interval is reversed or empty: 2 is not below 1",
        ),
        (
            {"compare": [{**COMPARED, "limits": "observed"}]},
            "compare/0/limits: the interpretation 'photon_alp' has no data that it observes",
        ),
        (
            {"produced": {"count": 1e9}},
            "produced: there is no key 'count'",
        ),
    ],
)
def test_bad_settings_name_file_key_and_value(config: Path, overrides, message: str):
    with pytest.raises(UmbraError, match=re.escape(message)) as error:
        load(config, **overrides)
    assert f"{CHANNEL}.yaml: " in str(error.value)
    assert "\n" not in str(error.value)


def test_mass_above_the_kinematic_limit_is_refused(config: Path):
    edit(config, "from_gev: 6.86, to_gev: 9.7", "from_gev: 6.86, to_gev: 11.0")
    with pytest.raises(UmbraError, match=r"masses/grid/1/to_gev: 11 GeV is above the kinematic limit"):
        load(config)


def test_a_mass_in_no_category_is_refused(config: Path):
    with pytest.raises(UmbraError, match=r"masses/grid: .* GeV is in the range of no category"):
        load(config, categories={"pair_high": {"hypotheses_gev": [4.5, 6.85]}})


def test_unknown_channels_and_run_keys_are_refused(config: Path):
    with pytest.raises(UmbraError, match="channels: there is no channel 'nope'"):
        configuration.load({"channels": ["nope"]}, config)
    with pytest.raises(UmbraError, match="there is no key 'scn'; did you mean 'scan'"):
        configuration.load({"scn": "full"}, config)
    with pytest.raises(UmbraError, match="scan: 'huge' is not known; known: default, full, tiny"):
        configuration.load({"scan": "huge"}, config)


def test_bounds_that_are_not_said_follow_from_that_on_the_median(config: Path):
    stated = {
        "median_dex_below": 0.2,
        "bias_dex_below": 0.05,
        "worst_dex_below": 0.3,
        "shape_dex_below": 0.07,
    }
    by_mass = [{"gev": [1.0, 2.0], **stated}]
    project = load(config, compare=[{**COMPARED, "by_mass": by_mass}])
    (comparison,) = Channel.from_slice(project.plot_slices[CHANNEL]).comparisons
    assert comparison.bounds == (
        Bound(median_dex=0.1, bias_dex=0.05, worst_dex=3.0 * 0.1),
        Bound(median_dex=0.2, bias_dex=0.05, worst_dex=0.3, shape_dex=0.07, gev=(1.0, 2.0)),
    )


def test_figures_show_compared_curves_and_overlays(config: Path):
    compared = load(config).channels[CHANNEL]["published_files"]
    overlay = "alp_gammagamma__LEP-recast__1509.00476"
    append(config, f"overlays: [{overlay}]")
    assert load(config).channels[CHANNEL]["published_files"] == [
        *compared,
        str(config / "published" / f"{overlay}.yaml"),
    ]


def test_a_projection_has_no_global_significance(config: Path):
    toy = {"kind": "toy", "seed": 1}
    channel = load(config, data=toy)
    assert len(channel.channels[CHANNEL]["significance_files"]) == 1
    projection = {"label": "later", "luminosity_fb": 50.0}
    removed = {"interpretations": {"photon_alp": None}, "assumptions": {"simulated": None}}
    later = load(config, data=toy, **removed, projections={"later": projection})
    assert later.records[CHANNEL].main.luminosity_fb == 50.0
    assert later.channels[CHANNEL]["significance_files"] == []


def test_samples_come_from_the_machine_of_their_data_set(config: Path):
    there = load(config, data_sets={"all": {"machine": "pep2_y3s"}})
    assert all(
        file.startswith("results/samples/pep2_y3s/three_gamma/")
        for file in there.channels[CHANNEL]["sample_files"]["three_gamma"]
    )
    assert there.records[CHANNEL].samples["three_gamma"].machine.positron_energy_gev == 3.1


def test_mappings_from_the_command_line_get_their_numbers_back(config: Path):
    data = {"kind": "toy", "seed": "3", "inject": {"mass_gev": "3.0", "coupling": "1e-3"}}
    record = configuration.load({"overrides": {CHANNEL: {"data": data}}}, config).records[CHANNEL]
    assert record.data == ToyData(seed=3, inject=Injection(mass_gev=3.0, coupling=1e-3))
    with pytest.raises(UmbraError, match="data/seed: 'many' is not a whole number"):
        configuration.load({"data": {"kind": "toy", "seed": "many"}}, config)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\ncompare:", "\ntitle: twice\n\ncompare:", "not valid YAML: duplicate key 'title'"),
        ("\ncompare:", "\n  - [\n\ncompare:", "not valid YAML"),
        ("title: ", "title: !!python/object/apply:os.system ['true'] #", "could not determine a constructor"),
        ("format: 2", "format: 1", "format: 1 is not 2, see config/README.md"),
        ("format: 2", "regions: []", "'regions' is now categories"),
    ],
)
def test_what_is_no_channel_file_is_one_sentence(config: Path, old: str, new: str, message: str):
    edit(config, old, new)
    with pytest.raises(UmbraError, match=re.escape(message)) as error:
        load(config)
    assert f"{CHANNEL}.yaml: " in str(error.value)


def test_a_file_that_changes_is_read_again(config: Path):
    before = load(config).records[CHANNEL].title
    edit(config, "title: ", "title: 'new' # ")
    assert load(config).records[CHANNEL].title == "new" != before


def test_a_variant_is_a_channel_of_its_own(config: Path):
    run = {"variants": {"copy": {"of": CHANNEL, "title": "another"}}}
    both = configuration.load(run, config)
    assert list(both.channels) == [CHANNEL, "copy"]
    assert (both.records["copy"].name, both.records["copy"].title) == ("copy", "another")
    assert both.channels["copy"]["sample_files"] == both.channels[CHANNEL]["sample_files"]
    assert both.channels[CHANNEL] == load(config).channels[CHANNEL]


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({CHANNEL: {"of": CHANNEL}}, f"'{CHANNEL}' is the name of a channel already"),
        ({"copy": {"of": "nothing"}}, "variants/copy/of: there is no channel 'nothing'"),
        ({"copy": {}}, "variants/copy: the key 'of' is missing"),
        ({"Copy-1": {"of": CHANNEL}}, "variants/Copy-1: 'Copy-1' does not match"),
    ],
)
def test_bad_variants_are_named(config: Path, variants, message: str):
    with pytest.raises(UmbraError, match=re.escape(message)):
        configuration.load({"variants": variants}, config)


def test_events_of_other_generators_leave_the_results_of_the_channel_alone(project: Path):
    run = yaml.read(project / "config/scenarios/external.yaml").content
    assert list(configuration.load(run, project / "config").channels) == ["alp_3gamma_external"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"fit": {"method": "counting"}}, "half_axes_sigma"),
        (
            {"masses": {"second": {"largest_sum_gev": 11.0}}},
            "largest_sum_gev: 11 GeV is above the kinematic",
        ),
        ({"masses": {"second": {"ratio": [9.0, None]}}}, "no pair of masses is within ratio"),
        (
            {"samples": {"signal": {"masses2_gev": [0.1, 0.2]}}},
            "needs one second mass for each of masses_gev",
        ),
        ({"samples": {"signal": {"masses_gev": [9.0] * 43}}}, "the pairs of masses must increase"),
    ],
)
def test_parts_of_a_plane_of_two_masses_need_each_other(project: Path, overrides, message: str):
    run = {"channels": [PLANE], "overrides": {PLANE: overrides}}
    with pytest.raises(UmbraError, match=message):
        configuration.load(run, project / "config")


def test_the_full_scan_of_a_plane_has_about_as_many_windows_as_the_paper(project: Path):
    loaded = configuration.load({"scan": "full", "channels": [PLANE]}, project / "config")
    points = hypotheses(loaded.records[PLANE])
    assert len(points) == pytest.approx(9000, rel=0.05)
    assert all(second <= first and first + second <= 10.5 for first, second in points)
    assert len(loaded.channels[PLANE]["blocks"]) < 10
