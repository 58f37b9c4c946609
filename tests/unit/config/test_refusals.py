"""What is refused while the job graph is built: changes of a small channel, and words of the one sentence."""

import copy
import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from umbra.commands import command_line
from umbra.config import naming, project, run_file
from umbra.config.figures import limit_figures
from umbra.config.folders import Folders
from umbra.config.project import Project
from umbra.core.errors import UmbraError

#: That keep the cross-section of three photons finite.
CUTS = {"photon_energy": [0.55, None], "photon_theta": [30, 150]}
CURVE = "alp_gammagamma__BelleII__2007.13071"
SMALL: dict[str, Any] = {
    "format": 2,
    "title": "a small channel",
    "search": {
        "experiment": "belle2",
        "arxiv": "2007.13071",
        "citation": "Belle II Collaboration",
        "particle": "alp",
        "portal": "alp_photon",
    },
    "sources": {"note": "made up for tests"},
    "data_sets": {"all": {"machine": "superkekb_2018", "luminosity_fb": 0.5}},
    "limit": {
        "coupling": {"name": "g_agammagamma_per_gev", "convention": "plain, so that no formula is parsed"},
        "method": "cls",
        "level": 0.95,
    },
    "masses": {"from": "note", "grid": [{"from_gev": 0.2, "to_gev": 9.0, "points": 5}]},
    "samples": {
        "alp": {
            "process": "gamma_alp",
            "decay": "alp_to_photons",
            "masses_gev": [0.2, 3.0, 9.0],
            "events": 1000,
        },
        "qed": {"process": "three_gamma", "cuts": CUTS, "events": 1000},
        "pairs": {"process": "gammagamma", "cuts": {"photon_theta": [20, 160]}, "events": 1000},
    },
    "selection": {
        "name": "three_photons",
        "from": "choice",
        "options": {
            "theta_deg": [37.3, 123.7],
            "minimum_energy_gev": 0.65,
            "mass_over_sqrt_s": [0.88, 1.03],
            "minimum_delta_theta_rad": 0.014,
            "minimum_delta_phi_rad": 0.4,
        },
    },
    "categories": {
        "low": {
            "from": "choice",
            "signal": "alp",
            "backgrounds": ["qed", "pairs"],
            "variable": "m2_pair_gev2",
            "hypotheses_gev": [0.2, 4.0],
            "range": [0.0, 90.0],
        },
        "high": {
            "from": "choice",
            "signal": "alp",
            "backgrounds": ["qed"],
            "variable": "m2_pair_gev2",
            "hypotheses_gev": [4.0, 9.0],
        },
    },
    "fit": {
        "method": "peak",
        "from": "choice",
        "half_window_sigma": 20.0,
        "bin_sigma": 0.5,
        "background_degree": 3,
    },
    "systematics": {"from": "choice", "signal_efficiency_relative": 0.05},
    "interpretations": {"photon_alp": {"label": "ALP"}, "other": {"label": "another"}},
    "compare": [{"curve": CURVE, "median_dex_below": 0.1, "why": "for tests"}],
}
TEMPLATES = {
    "method": "templates",
    "from": "choice",
    "half_window_sigma": 3.0,
    "bin_sigma": 0.5,
    "count_below": 5.0,
}
COUNTING = {"method": "counting", "from": "choice", "half_window_sigma": 2.0}
TWO_SETS = {
    "data_sets/2s": {"machine": "superkekb", "luminosity_fb": 1.0},
    "samples/alp/data_sets": ["all"],
    "samples/qed/data_sets": ["all"],
}
GRID = {"from_gev": 0.2, "to_gev": 9.0, "points": 5}

#: Limits on what is seen.
SEEN: dict[str, Any] = {
    "fit": COUNTING,
    "limit": {"quantity": "visible_cross_section_fb", "method": "cls", "level": 0.95},
    "systematics/signal_efficiency_relative": 0.0,
    "compare": ...,
}
#: Path of a key -> its value (`...` takes it away), and what the sentence names.
CASES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    # limits without a coupling
    ({"limit/quantity": "visible_cross_section_fb"}, ("limit", "not on both or neither")),
    ({"limit/coupling": ...}, ("limit", "not on both or neither")),
    ({**SEEN, "systematics/signal_efficiency_relative": 0.1}, ("systematics/signal_efficiency_relative", "0 stands")),
    ({**SEEN, "interpretations/other/coupling": {"name": "epsilon"}}, ("limit/quantity", "other has one")),
    ({**SEEN, "interpretations/other/branching": {"particle": "alp", "final_state": "gammagamma"}},
     ("interpretations/other", "what is seen")),
    ({**SEEN, "data": {"kind": "asimov", "inject": {"mass_gev": 3.0, "coupling": 1e-3}}},
     ("data/inject", "no coupling")),
    ({**SEEN, "data_sets/2s": TWO_SETS["data_sets/2s"]}, ("data_sets", "several energies")),
    ({"interpretations/other/background_scale": [[1.0, -1.0]]}, ("background_scale", "-1 at 1 GeV is below 0")),
    # uncertainties
    (
        {"fit": COUNTING, "systematics/named": {"veto": {"relative": 0.2, "of": ["qde"]}}},
        ("systematics/named/veto/of", "'qde'", "qed"),
    ),
    (
        {"systematics/named": {"veto": {"relative": 0.2, "of": ["qed"]}}},
        ("systematics/named", "'peak' does not use it"),
    ),
    (
        {
            "fit": COUNTING,
            "interpretations/other/background_exact": True,
            "interpretations/other/background_relative": 0.1,
        },
        ("interpretations/other/background_exact", "no other uncertainty"),
    ),
    # sizes
    ({"data_sets/all/luminosity_fb": 1e300}, ("data_sets/all/luminosity_fb", "1e+300", "too large")),
    ({"data_sets/all/luminosity_fb": 1e7}, ("data_sets/all/luminosity_fb", "10000000.0", "above 1000000")),
    ({"data_sets/all/luminosity_fb": 1e-300}, ("data_sets/all/luminosity_fb", "1e-300", "too small")),
    ({"data_sets/all/luminosity_fb": math.inf}, ("data_sets/all/luminosity_fb", "inf", "finite")),
    ({"data_sets/all/luminosity_fb": True}, ("data_sets/all/luminosity_fb", "True", "number")),
    ({"data_sets/all/luminosity_fb": 0}, ("data_sets/all/luminosity_fb", "0", "not above")),
    ({"limit/coupling/reference": 1e300}, ("limit/coupling/reference", "1e+300")),
    ({"data": {"kind": "toy", "seed": 10**60}}, ("data/seed", "200 bits", "too large")),
    ({"masses/grid/0/points": 10**7}, ("masses/grid/0/points", "10000000")),
    (
        {
            "masses/grid": [
                {"from_gev": 0.2 + i, "to_gev": 0.9 + i, "points": 60_000, "spacing_gev": [[1.0, 1.0]]}
                for i in range(2)
            ]
        },
        ("masses/grid", "120000 points", "100000"),
    ),
    ({"masses/grid/0/points": 20_000, "masses/points_per_job": 1}, ("points_per_job", "20000 jobs")),
    (
        {
            "masses/grid/0/points": 60_000,
            "masses/points_per_job": 1000,
            "lifetimes_mm": [float(i + 1) for i in range(20)],
            "samples/alp/decay": "alp_to_photons",
        },
        ("lifetimes_mm", "decay"),
    ),
    ({"samples/qed/events": 10**15}, ("samples/qed/events", str(10**15))),
    ({"samples/alp/events": 10**9}, ("samples/alp/events", "3000000000 events of 3 masses")),
    ({"samples/qed/events": 1.5}, ("samples/qed/events", "1.5")),
    ({"significance": {"toys": 10**9}}, ("significance/toys", "1000000000")),
    (
        {"significance": {"toys": 10**6, "chunk_toys": 1}},
        ("significance/chunk_toys", "1000000 files", "1000"),
    ),
    ({"fit/bin_sigma": 1e-9}, ("fit/bin_sigma", "1e-09")),
    ({"fit/half_window_sigma": 1e9}, ("fit/half_window_sigma", "1000000000.0")),
    ({"data": {"kind": "asimov", "inject": {"mass_gev": 3.0, "coupling": 1e30}}}, ("inject/coupling", "1e+30")),
    # names
    ({"samples/signal": {"process": "gammagamma", "events": 9}, "categories/low/backgrounds": ["signal"]},
     ("samples/signal", "workspace")),
    ({"samples/bernstein2": {"process": "gammagamma", "events": 9}, "categories/low/backgrounds": ["bernstein2"]},
     ("samples/bernstein2", "workspace")),
    ({"samples/qed_smooth": {"process": "gammagamma", "events": 9},
     "categories/low/backgrounds": ["qed", "qed_smooth"]},
     ("categories/low/backgrounds", "qed_smooth")),
    ({"samples/qed/split": {"pairs": {}}, "samples/qed_pairs": {"process": "gammagamma", "events": 9}},
     ("samples", "qed_pairs", "two")),
    ({"categories/kind": {**SMALL["categories"]["low"]}}, ("categories/kind", "entry of that name")),
    ({"categories/low_qed": {**SMALL["categories"]["low"], "backgrounds": ["pairs"]},
     "categories/low/backgrounds": ["qed_pairs", "qed"],
      "samples/qed_pairs": {"process": "gammagamma", "events": 9}}, ("parameters", "low_qed_pairs")),
    ({"categories/High-1": {**SMALL["categories"]["low"]}}, ("categories/High-1", "High-1", "pattern")),
    ({"interpretations/a/b": {"label": "x"}}, ("interpretations/a", "there is no key 'b'")),
    ({"samples/../evil": {"process": "gammagamma", "events": 9}}, ("samples/..", "pattern")),
    # twice
    ({"categories/low/backgrounds": ["qed", "pairs", "qed"]}, ("categories/low/backgrounds", "'qed' occurs twice")),
    ({"overlays": [CURVE, CURVE]}, ("overlays", "occurs twice")),
    ({"interpretations/other/categories": ["low", "low"]}, ("interpretations/other/categories", "twice")),
    ({"lifetimes_mm": [1.0, 1.0]}, ("lifetimes_mm", "1 is followed by 1")),
    ({"samples/alp/masses_gev": [0.2, 3.0, 3.0]}, ("samples/alp/masses_gev", "increase")),
    ({"masses/from": ["note", "note"]}, ("masses/from", "'note' occurs twice")),
    # what names nothing
    ({"sources/other": "a talk"}, ("sources/other", "nothing is from there")),
    ({"sources/paper": "a talk"}, ("sources/paper", "meaning")),
    ({"masses/from": "notes"}, ("masses/from", "'notes'", "did you mean 'note'")),
    ({"samples/third": {"process": "gammagamma", "events": 9}}, ("samples/third", "no category uses it")),
    ({"categories/low/signal": "alps"}, ("categories/low", "'alps'", "did you mean 'alp'")),
    ({"categories/low/peaking": ["mumu"]}, ("categories/low/peaking", "mumu")),
    ({"categories/low/hypotheses_gev": {"2s": [0.2, 4.0]}}, ("categories/low/hypotheses_gev", "'2s'", "all")),
    ({"categories/low/variable2": "m2_recoil_gev"}, ("categories/low/variable2", "m2_recoil_gev2")),
    ({"categories/low/variable": "m2_pair_gev"}, ("categories/low/variable", "m2_pair_gev2")),
    ({"categories/low/requirements": {"no_column": [0, 1]}}, ("categories/low/requirements", "no_column")),
    ({"categories/low/branching": {"particle": "no_model", "final_state": "x"}},
     ("categories/low/branching", "no_model")),
    ({"interpretations/other/branching": {"particle": "alp", "final_state": "x"}},
     ("interpretations/other/branching", "'x'")),
    ({"interpretations/other/signals": {"lo": "alp"}}, ("interpretations/other", "'lo'", "did you mean 'low'")),
    ({"interpretations/other/signals": {"low": "alp"}, "interpretations/other/categories": ["high"]},
     ("interpretations/other/signals/low", "none of those")),
    ({"assumptions": {"none": {"label": "x", "of": "photn_alp"}}}, ("assumptions/none/of", "photn_alp", "photon_alp")),
    ({"compare/0/curve": "alp_gammagamma__BelleI__2007.13071"}, ("compare/0/curve", CURVE)),
    ({"compare/0/curve": f"../published/{CURVE}"}, ("compare/0/curve", "../published")),
    ({"compare/0/curve": "zprime_4mu__BaBar__1606.03501"}, ("compare/0/curve", "g_agammagamma_per_gev", "zprime_4mu")),
    ({"compare/0/interpretation": "nobody"}, ("compare/0/interpretation", "nobody")),
    ({"compare/0/between": ["photon_alp", "othr"]}, ("compare/0/between", "othr", "other")),
    ({"compare/0/between": ["other", "other"]}, ("compare/0/between", "twice")),
    ({"compare/0/compare_at_gev": [[0.01, 0.2]]}, ("compare/0/compare_at_gev", "0.01")),
    ({"compare/0/lifetime_mm": 3.0}, ("compare/0/lifetime_mm", "3")),
    ({"overlays": ["aprime_invisible__BaBar__1702.03327"]}, ("overlays", "epsilon")),
    ({"quoted": ["nowhere"]}, ("quoted/0", "nowhere")),
    ({"figures": {"lifetime_mm": 3.0}}, ("figures/lifetime_mm", "3")),
    (TWO_SETS, ("data_sets/2s", "no category")),
    ({"data_sets/2s": TWO_SETS["data_sets/2s"], "samples/alp/data_sets": ["2s"], "samples/qed/data_sets": ["all"]},
     ("categories/low", "no data set")),
    # reversed and unsorted
    ({"categories/low/range": [90.0, 0.0]}, ("categories/low/range", "90 is not below 0")),
    ({"categories/low/hypotheses_gev": [4.0, 0.2]}, ("categories/low/hypotheses_gev", "reversed")),
    ({"selection/options/theta_deg": [123.7, 37.3]}, ("selection/options", "theta_deg", "123.7 is not below")),
    ({"samples/qed/cuts": {"photon_energy": [2.0, 1.0]}}, ("samples/qed/cuts/photon_energy", "2 is not below 1")),
    ({"samples/qed/cuts": {"photon_energy": [None, None]}}, ("samples/qed/cuts/photon_energy", "limits nothing")),
    ({"masses/vetoed_gev": [[1.1, 1.0]]}, ("masses/vetoed_gev/0", "reversed")),
    ({"masses/grid": [{**GRID, "from_gev": 9.5}]}, ("masses/grid/0/from_gev", "9.5")),
    ({"masses/grid": [{**GRID, "spacing_gev": [[9.0, 0.1], [0.2, 0.1]]}]}, ("masses/grid/0/spacing_gev", "increase")),
    ({"masses/grid": [{**GRID, "spacing_gev": [[0.2, 0.0]]}]}, ("masses/grid/0/spacing_gev", "0.0", "not above")),
    ({"masses/grid": [{**GRID, "from_gev": 5.0}, {**GRID, "to_gev": 4.0}]}, ("masses/grid", "segment")),
    ({"masses/grid": [{**GRID, "to_gev": 0.2000001}]}, ("masses/grid", "increase")),
    ({"categories/low/efficiency": [[4.0, 0.1], [0.2, 0.1]], "categories/low/efficiency_refers_to": "all"},
     ("categories/low/efficiency", "increase")),
    ({"samples/alp/masses_gev": [0.2, 9.0, 3.0]}, ("samples/alp/masses_gev", "increase")),
    ({"compare/0/by_mass": [{"gev": [3.0, 1.0], "median_dex_below": 1.0}]}, ("compare/0/by_mass/0/gev", "reversed")),
    # masses that fit nowhere
    ({"masses/grid": [{**GRID, "to_gev": 12.0}]}, ("masses/grid/0/to_gev", "12", "kinematic limit")),
    ({"categories/high/hypotheses_gev": [5.0, 9.0]}, ("masses/grid", "4.6 GeV", "no category")),
    ({"data": {"kind": "asimov", "inject": {"mass_gev": 9.9, "coupling": 1e-3}}},
     ("data/inject/mass_gev", "9.9", "no category")),
    ({"data": {"kind": "asimov", "inject": {"mass_gev": 3.0, "mass2_gev": 1.0, "coupling": 1e-3}}},
     ("data/inject/mass2_gev", "two masses")),
    ({"data": {"kind": "file", "file": "x.csv", "inject": {"mass_gev": 3.0, "coupling": 1e-3}}}, ("data", "inject")),
    # what the chosen kind of fit, or the maker of the events, does not use
    ({"categories/low/smooth": ["qed"]}, ("categories/low/smooth", "peak", "does not use")),
    ({"fit": TEMPLATES, "categories/low/background_degree": 2}, ("categories/low/background_degree", "templates")),
    ({"fit": COUNTING, "categories/low/peaking": ["qed"]}, ("categories/low/peaking", "counting")),
    ({"fit": {**COUNTING, "bin_sigma": 0.5}}, ("fit", "bin_sigma")),
    ({"interpretations/other/background_slope_per_unit": 0.1},
     ("interpretations/other/background_slope_per_unit", "peak")),
    ({"interpretations/other/background_relative": 0.1}, ("interpretations/other/background_relative", "peak")),
    ({"systematics/background_relative": 0.1}, ("systematics/background_relative", "peak")),
    ({"interpretations/other/peaking_uncertainty": 0.1},
     ("interpretations/other/peaking_uncertainty", "peaking background")),
    ({"limit/method": "feldman_cousins"}, ("limit/method", "counts")),
    ({"fit": COUNTING, "limit/method": "feldman_cousins", "limit/engine": "pyhf"}, ("limit/engine", "feldman_cousins")),
    ({"limit/coupling/benchmarks": [1e-3]}, ("limit/coupling/benchmarks", "two masses")),
    ({"limit/coupling/holds": "nowhere"}, ("limit/coupling/holds", "two masses")),
    ({"figures/thermal_targets": {"kinds": ["scalar"], "alpha_d": 0.1, "mass_ratio": 0.3}},
     ("figures/thermal_targets", "no interpretation has a limit on y")),
    ({"search/second": "alp"}, ("search/second", "two masses")),
    ({"categories/low/variable2": "m2_recoil_gev2"}, ("categories/low/variable2", "two masses")),
    ({"categories/low/shape_lifetime_mm": 1.0}, ("categories/low/shape_lifetime_mm", "lifetimes_mm")),
    ({"categories/low/efficiency_refers_to": "all"}, ("categories/low/efficiency_refers_to", "no efficiency")),
    ({"categories/low/working_point": "no_column"}, ("categories/low/working_point", "no_column")),
    ({"interpretations/other/island": {"particle": "alp", "masses_gev": [1.0, 2.0]}},
     ("interpretations/other/island", "lifetimes_mm")),
    ({"samples/qed/fraction": 0.5}, ("samples/qed/fraction", "Pythia")),
    ({"samples/qed/decay": "no_such"}, ("samples/qed", "no_such")),
    ({"samples/qed/cuts": {**CUTS, "photon_enrgy": [1, 2]}}, ("samples/qed", "photon_enrgy", "photon_energy")),
    ({"samples/qed/parameters": {"couplng": 1.0}}, ("samples/qed", "couplng")),
    ({"selection/options/minimum_enrgy": 1}, ("selection/options", "minimum_enrgy")),
    ({"selection/options/minimum_energy_gev": "high"}, ("minimum_energy_gev", "high")),
    ({"samples/qed/options": {"thta_deg": [1, 2]}}, ("samples/qed", "thta_deg", "theta_deg")),
    ({"samples/qed": {"external": [{"file": "x.lhe", "frame": "lab", "generator": "x"}], "events": 9}},
     ("samples/qed/events", "external")),
    ({"unverified": ["fit"]}, ("unverified",)),
    ({"search/detector": "opal"}, ("search/detector", "opal.yaml")),
]  # fmt: skip


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """Copy the small channel with values replaced, taken away or added."""
    content = copy.deepcopy(SMALL)
    for path, value in changes.items():
        *places, last = path.split("/")
        block: Any = content
        for place in places:
            block = block[int(place)] if isinstance(block, list) else block.setdefault(place, {})
        key = int(last) if isinstance(block, list) else last
        if value is ...:
            del block[key]
        else:
            block[key] = value
    return content


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("refusals") / "config"
    (folder / "channels").mkdir(parents=True)
    return folder


def load(config: Path, changes: dict[str, Any], name: str = "small", **run: Any) -> Project:
    for old in (config / "channels").iterdir():
        old.unlink()
    (config / "channels" / f"{name}.yaml").write_text(yaml.safe_dump(changed(changes), sort_keys=False))
    return project.load({"scan": "tiny", **run}, config)


def test_limits_may_be_on_what_is_seen(config: Path):
    channel = load(config, SEEN).records["small"]
    assert channel.coupling is None
    assert channel.quantities == ("visible_cross_section_fb", "yield")
    assert limit_figures(channel) == {"visible_cross_section_fb": "exclusion"}
    assert channel.samples["alp"].generator.parameters == {}


def test_the_small_channel_itself_is_accepted(config: Path):
    assert list(load(config, {}).channels) == ["small"]
    assert load(config, {"fit": TEMPLATES}).records["small"].fit.method == "templates"
    assert load(config, {"fit": COUNTING}).records["small"].fit.method == "counting"


@pytest.mark.parametrize(("changes", "words"), CASES, ids=["-".join(words[:2]) for _, words in CASES])
def test_one_sentence_names_file_key_and_value(config: Path, changes: dict[str, Any], words: tuple[str, ...]):
    with pytest.raises(UmbraError) as error:
        load(config, changes)
    sentence = str(error.value)
    assert "small.yaml: " in sentence
    assert "\n" not in sentence
    assert [word for word in words if word not in sentence] == [], sentence


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bad name-1", "bad name-1"),
        ("samples", "folder"),
        ("benchmarks", "folder"),
        ("limits", "target"),
        ("all", "target"),
        ("x" * 61, "x" * 61),
    ],
)
def test_channels_are_not_called_as_what_the_workflow_has(config: Path, name: str, words: str):
    with pytest.raises(UmbraError, match=words):
        load(config, {}, name)


def test_a_channel_is_not_called_as_a_rule_of_another(config: Path):
    with pytest.raises(UmbraError, match="'small_plot': that is a rule of another channel"):
        load(config, {}, variants={"small_plot": {"of": "small"}})


def test_a_channel_is_run_once(config: Path):
    with pytest.raises(UmbraError, match="channels: 'small' occurs twice"):
        load(config, {}, channels=["small", "small"])


def test_reserved_names_are_those_that_the_workflow_has(project: Path):
    """Rules, commands and folders are read where they are made."""
    from umbra.__main__ import COMMANDS

    rules = {path.stem: path.read_text() for path in (project / "workflow/rules").glob("*.smk")}
    stages = re.findall(r"^rule (\w+):", rules.pop("channel"), re.MULTILINE)
    others = re.findall(
        r"^rule (\w+):",
        "\n".join([*rules.values(), (project / "workflow/Snakefile").read_text()]),
        re.MULTILINE,
    )
    words = re.findall(r"^ +([a-z|]+)\) ", (project / "run").read_text(), re.MULTILINE)
    assert sorted(naming.STAGES) == sorted(stages)
    assert {*others, *COMMANDS, *"|".join(words).split("|")} <= {*naming.TARGETS}
    folders = re.findall(r'"(?:results|logs)/(\w+)/', "\n".join(rules.values()))
    assert {*folders} <= {*naming.FOLDERS}


BILLION = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"overrides:\n  a: {limit: {level: 0.9}}\n  a: {title: x}\n", "duplicate key 'a'"),
        ("channels: [a] # \u00fc".encode("latin-1"), "not encoded in UTF-8: byte 0xfc"),
        ("scan: tiny\n".encode("utf-16"), "not encoded in UTF-8"),
        (BILLION.encode(), "more than 200000 values"),
        (b"a: &a [*a]\n", "contains itself"),
        (b"- scan: tiny\n", "a run configuration is a mapping"),
        (b"", "a run configuration is a mapping"),
        (b"scan: [tiny\n", "not valid YAML"),
        (b"scan: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        (b'{"scan": "tiny", "scan": "full"}', "duplicate key 'scan'"),
        (None, "No such file"),
    ],
)
def test_a_scenario_is_refused_before_snakemake_merges_it(tmp_path: Path, content: bytes | None, words: str):
    path = tmp_path / "scenario.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UmbraError, match=f"scenario.yaml: .*{words}"):
        run_file.check([path])
    with pytest.raises(UmbraError, match=f"scenario.yaml: .*{words}"):
        command_line.parse(["-n", "--configfile", str(path)])


def test_a_scenario_in_json_may_be_indented_with_tabs(tmp_path: Path):
    (tmp_path / "s.json").write_text('{\n\t"scan": "tiny"\n}\n')
    run_file.check([tmp_path / "s.json"])


def test_a_number_of_cores_that_is_none_is_one_sentence():
    with pytest.raises(UmbraError, match=r"--cores many: .*must be integer or 'all'"):
        command_line.parse(["-n", "--cores", "many"])


def test_no_file_is_found_outside_of_its_folder(project: Path):
    folders = Folders.of(project / "config")
    for name in ("../channels/alp_3gamma_belle2", "../../config/published/ranges", "a\0b", "x" * 300):
        with pytest.raises(UmbraError, match="there is no "):
            folders.find("published", name)
