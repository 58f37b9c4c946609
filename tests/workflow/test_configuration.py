"""Configuration: what is accepted, and the one clear sentence for what is not."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from umbra.config import project as configuration
from umbra.core.errors import UmbraError

CHANNEL = "alp_3gamma_belle2"


@pytest.fixture
def config(tmp_path: Path, project: Path) -> Path:
    """A copy of the configuration with one channel."""
    shutil.copytree(project / "config", tmp_path / "config")
    for path in (tmp_path / "config" / "channels").glob("*.yaml"):
        if path.stem != CHANNEL:
            path.unlink()
    return tmp_path / "config"


def load(config: Path, **overrides) -> configuration.Project:
    return configuration.load({"overrides": {CHANNEL: overrides} if overrides else {}}, config)


def edit(config: Path, change) -> None:
    path = config / "channels" / f"{CHANNEL}.yaml"
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True))


def test_defaults_come_from_the_schema(config: Path):
    project = load(config)
    assert project.run["scan"] == "default"
    assert project.channels[CHANNEL]["limit"]["calculation"] == "auto"
    assert project.channels[CHANNEL]["samples"]["gamma_gamma"]["weighted"] is False


def test_every_channel_file_is_valid(project: Path):
    loaded = configuration.load({}, project / "config")
    assert sorted(loaded.channels) == sorted(
        path.stem for path in (project / "config" / "channels").glob("*.yaml")
    )


def test_the_full_scan_has_the_published_number_of_hypotheses(project: Path):
    channels = configuration.load({"scan": "full"}, project / "config").channels
    masses = {name: [m for block in s["blocks"].values() for m in block] for name, s in channels.items()}
    assert len(masses["alp_3gamma_belle2"]) == 500
    assert len(masses["aprime_dilepton_babar"]) == 5704
    assert sum(m >= 0.2125 for m in masses["aprime_dilepton_babar"]) == 5370
    assert len(masses["zprime_mumu_babar"]) == 2219
    assert len(masses["jpsi_eta_aprime_besiii"]) == 479
    assert len(masses["aprime_dilepton_besiii"]) == 191


def test_no_sample_has_more_chunks_than_a_cluster_should_see(config: Path):
    def chunks(events: int) -> tuple[int, int]:
        project = load(config, samples={"three_gamma": {"events": events, "chunk_events": 100}})
        (made,) = project.samples["superkekb_2018"]["three_gamma"].values()
        return len(project.channels[CHANNEL]["sample_files"]["three_gamma"]), made["generator"][
            "chunk_events"
        ]

    assert chunks(50) == (1, 50)
    assert chunks(300) == (3, 100)
    assert chunks(10_001) == (5, 2_001)
    assert chunks(50_000_000) == (25, 2_000_000)


def test_samples_are_named_by_what_is_generated_not_by_channel(config: Path):
    before = load(config).channels[CHANNEL]["sample_files"]
    after = load(config, title="another title", fit={"half_window_sigma": 15.0}).channels[CHANNEL][
        "sample_files"
    ]
    assert before == after
    cuts = {"photon_energy": [0.5, None]}
    changed = load(config, samples={"three_gamma": {"cuts": cuts}}).channels[CHANNEL]["sample_files"]
    assert changed["three_gamma"] != before["three_gamma"]
    assert changed["gamma_gamma"] == before["gamma_gamma"]


def test_overrides_change_one_stage_only(config: Path):
    before = load(config).channels[CHANNEL]["slices"]
    after = load(config, fit={"half_window_sigma": 15.0}).channels[CHANNEL]["slices"]
    assert {stage for stage in before if before[stage] != after[stage]} == {"fit", "injection", "plot"}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"colour": "red"}, "colour"),
        ({"fit": {"half_window_sigma": -3.0}}, "fit/half_window_sigma: -3.0"),
        ({"fit": {"half_window_sigma": "wide"}}, "fit/half_window_sigma: 'wide'"),
        ({"luminosity": {"luminosity_fb": float("nan")}}, "luminosity/luminosity_fb: nan"),
        ({"samples": {"alp": {"masses_gev": [-1.0, 2.0]}}}, "samples/alp.*-1.0"),
        ({"samples": {"alp": {"masses_gev": [1.0, 12.0]}}}, "12.0 GeV is above the kinematic limit"),
        ({"samples": {"three_gamma": {"process": "four_gamma"}}}, "unknown process 'four_gamma'"),
        (
            {"samples": {"three_gamma": {"role": "signal", "masses_gev": [1.0, 2.0]}}},
            "not a background sample",
        ),
        ({"selection": {"name": "no_such"}}, "no_such"),
        ({"machine": "lep"}, "lep.yaml"),
        ({"limit": {"cl": 1.5}}, "limit/cl: 1.5"),
        ({"data": {"kind": "toy"}}, "'seed' is a required property"),
        ({"masses": {"vetoed_gev": [[1.1, 1.0]]}}, "masses/vetoed_gev: 1.1 to 1 GeV holds no mass"),
        ({"models": 2 * [{"name": "main", "label": "main"}]}, "models: the name 'main' occurs twice"),
    ],
)
def test_bad_settings_name_file_key_and_value(config: Path, overrides, message: str):
    with pytest.raises(UmbraError, match=message) as error:
        load(config, **overrides)
    assert CHANNEL in str(error.value)


def test_regions_have_masses_and_a_name_of_their_own(config: Path):
    edit(config, lambda c: c["regions"][1].update(masses_gev=[5.0, 2.0]))
    with pytest.raises(UmbraError, match=r"regions/pair_high/masses_gev: 5 is not below 2 GeV"):
        load(config)
    edit(config, lambda c: c["regions"][1].update(masses_gev=[2.0, 5.0], name=c["regions"][0]["name"]))
    with pytest.raises(UmbraError, match=r"regions: the name 'pair_low' occurs twice"):
        load(config)


def test_mass_above_the_kinematic_limit_is_refused(config: Path):
    edit(config, lambda c: c["masses"]["segments"][1].update(to_gev=11.0))
    with pytest.raises(UmbraError, match=r"segments/1/to_gev: 11.0 GeV is above the kinematic limit"):
        load(config)


def test_unknown_channels_and_run_keys_are_refused(config: Path):
    with pytest.raises(UmbraError, match="there is no channel 'nope'"):
        configuration.load({"channels": ["nope"]}, config)
    with pytest.raises(UmbraError, match="scn"):
        configuration.load({"scn": "full"}, config)
    with pytest.raises(UmbraError, match="scan: 'huge'"):
        configuration.load({"scan": "huge"}, config)


def test_readings_name_regions_and_signals_that_exist(config: Path):
    base = {"name": "main", "label": "main"}
    region = next(iter(load(config).channels[CHANNEL]["regions"]))["name"]
    for changes, message in (
        ({"regions": ["nowhere"]}, "models/main: there is no region 'nowhere'"),
        ({"signals": {"nowhere": "alp"}}, "models/main: there is no region 'nowhere'"),
        ({"signals": {region: "three_gamma"}}, "'three_gamma' is not a signal sample"),
    ):
        with pytest.raises(UmbraError, match=message):
            load(config, models=[base | changes])


def test_figures_show_compared_curves_and_overlays(config: Path):
    compared = load(config).channels[CHANNEL]["published_files"]
    overlay = "alp_gammagamma__LEP-recast__1509.00476"
    edit(config, lambda c: c.update(overlays=[overlay]))
    assert load(config).channels[CHANNEL]["published_files"] == [
        *compared,
        str(config / "published" / f"{overlay}.yaml"),
    ]
    edit(config, lambda c: c.update(overlays=["nowhere"]))
    with pytest.raises(UmbraError, match=r"overlays: there is no nowhere.yaml in .*published"):
        load(config)


def test_a_projection_has_no_global_significance(config: Path):
    toy = {"kind": "toy", "seed": 1}
    model = {"name": "main", "label": "main"}
    channels = [load(config, data=toy, models=[model | more]) for more in ({}, {"luminosity_fb": 50.0})]
    files = [project.channels[CHANNEL]["significance_files"] for project in channels]
    assert [len(each) for each in files] == [1, 0]


def test_samples_of_a_region_come_from_one_machine(config: Path):
    with pytest.raises(UmbraError, match="its samples come from several machines, pep2_y3s, superkekb"):
        load(config, samples={"three_gamma": {"machine": "pep2_y3s"}})
    with pytest.raises(UmbraError, match=r"lep\.yaml"):
        load(config, samples={"three_gamma": {"machine": "lep"}})


def test_a_sample_of_another_machine_is_made_there_and_skimmed_there(config: Path):
    names = load(config).channels[CHANNEL]["samples"]
    there = load(config, samples={name: {"machine": "pep2_y3s"} for name in names}).channels[CHANNEL]
    files = there["sample_files"]["three_gamma"]
    assert all(file.startswith("results/samples/pep2_y3s/three_gamma/") for file in files)
    assert there["samples"]["three_gamma"]["machine_settings"]["positron_energy_gev"] == 3.1


def test_a_working_point_needs_the_efficiency_that_it_leads_to(config: Path):
    edit(config, lambda c: c["regions"][0].update(working_point="helicity_cosine"))
    with pytest.raises(UmbraError, match="a working_point needs a published_efficiency"):
        load(config)


def test_decays_need_parents_and_parents_need_decays(config: Path):
    parents = {
        "particle": "J/ψ",
        "count": 1e9,
        "relative_uncertainty": 0.005,
        "y_label": "B",
        "source": "a test",
    }
    with pytest.raises(UmbraError, match="in a channel with 'parents' a signal is their decay"):
        load(config, parents=parents)
    decay = {"process": "jpsi_eta_ee", "cuts": {}, "parameters": {}}
    with pytest.raises(UmbraError, match="'jpsi_eta_ee' is a decay, and the channel has no 'parents'"):
        load(config, samples={"gamma_gamma": decay})


def test_a_second_signal_is_made_and_has_a_plot_of_its_own(config: Path):
    def add(content) -> None:
        content["samples"]["other"] = {**content["samples"]["alp"], "parameters": {"coupling": 2e-3}}
        first = content["regions"][0]["name"]
        coupling = {**content["coupling"], "name": "epsilon", "y_label": "epsilon"}
        content["models"].append(
            {"name": "second", "label": "second", "signals": {first: "other"}, "coupling": coupling}
        )

    before = load(config).channels[CHANNEL]
    edit(config, add)
    after = load(config).channels[CHANNEL]
    assert set(after["samples"]) - set(before["samples"]) == {"other"}
    assert [region["other_signals"] for region in after["regions"]][:2] == [["other"], []]
    assert set(after["figures"]) - set(before["figures"]) == {"exclusion_epsilon"}


def test_mappings_from_the_command_line_get_their_numbers_back(config: Path):
    data = {"kind": "toy", "seed": "3", "inject": {"mass_gev": "3.0", "coupling": "1e-3"}}
    channel = configuration.load({"overrides": {CHANNEL: {"data": data}}}, config).channels[CHANNEL]
    assert channel["data"] == {"kind": "toy", "seed": 3, "inject": {"mass_gev": 3.0, "coupling": 1e-3}}
    with pytest.raises(UmbraError, match="'many' is not of type 'integer'"):
        configuration.load({"data": {"kind": "toy", "seed": "many"}}, config)


def test_duplicate_keys_and_broken_yaml_are_refused(config: Path):
    path = config / "channels" / f"{CHANNEL}.yaml"
    text = path.read_text()
    path.write_text(text + "\nportal: alp_photon\n")
    with pytest.raises(UmbraError, match="duplicate key 'portal'"):
        load(config)
    path.write_text(text + "\n  - [\n")
    with pytest.raises(UmbraError, match="not valid YAML"):
        load(config)


def test_yaml_cannot_run_code(config: Path):
    path = config / "channels" / f"{CHANNEL}.yaml"
    path.write_text("title: !!python/object/apply:os.system ['true']\n")
    with pytest.raises(UmbraError, match="not valid YAML"):
        load(config)


def test_a_variant_is_a_channel_of_its_own(config: Path):
    run = {"variants": {"copy": {"of": CHANNEL, "title": "another"}}}
    channels = configuration.load(run, config).channels
    assert list(channels) == [CHANNEL, "copy"]
    assert (channels["copy"]["name"], channels["copy"]["title"]) == ("copy", "another")
    assert channels["copy"]["sample_files"] == channels[CHANNEL]["sample_files"]
    assert channels[CHANNEL] == load(config).channels[CHANNEL]


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({CHANNEL: {"of": CHANNEL}}, f"'{CHANNEL}' is the name of a channel already"),
        ({"copy": {"of": "nothing"}}, "variants/copy/of: there is no channel 'nothing'"),
        ({"copy": {}}, "variants/copy: 'of' is a required property"),
        ({"Copy-1": {"of": CHANNEL}}, "variants: 'Copy-1' does not match"),
    ],
)
def test_bad_variants_are_named(config: Path, variants, message: str):
    with pytest.raises(UmbraError, match=re.escape(message)):
        configuration.load({"variants": variants}, config)


def test_events_of_other_generators_leave_the_results_of_the_channel_alone(project: Path):
    run = configuration.read_yaml(project / "config/scenarios/external.yaml")
    assert list(configuration.load(run, project / "config").channels) == ["alp_3gamma_external"]


PLANE = "dark_higgs_invisible_belle2"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"fit": {"kind": "counting"}}, "half_axes_sigma"),
        (
            {"masses": {"second": {"largest_sum_gev": 11.0}}},
            "largest_sum_gev: 11.0 GeV is above the kinematic",
        ),
        ({"masses": {"second": {"ratio": [9.0, None]}}}, "no pair of masses is within ratio"),
        (
            {"samples": {"signal": {"masses2_gev": [0.1, 0.2]}}},
            "needs one second mass for each of masses_gev",
        ),
        ({"samples": {"signal": {"masses_gev": [9.0] * 43}}}, "are together above the kinematic limit"),
    ],
)
def test_parts_of_a_plane_of_two_masses_need_each_other(project: Path, overrides, message: str):
    run = {"channels": [PLANE], "overrides": {PLANE: overrides}}
    with pytest.raises(UmbraError, match=message):
        configuration.load(run, project / "config")


def test_the_full_scan_of_a_plane_has_about_as_many_windows_as_the_paper(project: Path):
    blocks = configuration.load({"scan": "full", "channels": [PLANE]}, project / "config").channels[PLANE][
        "blocks"
    ]
    points = [point for block in blocks.values() for point in block]
    assert len(points) == pytest.approx(9000, rel=0.05)
    assert all(second <= first and first + second <= 10.5 for first, second in points)
    assert len(blocks) < 10
