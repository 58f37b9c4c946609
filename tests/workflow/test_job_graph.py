"""The job graph: what a run plans, and what a change makes run again, and what it must not."""

from pathlib import Path

import pytest

CHANNEL = "alp_3gamma_belle2"
OTHERS = ("aprime_dilepton_babar", "zprime_invisible_belle2_2018")
#: What gathers all channels.
GATHERING = {"all", "summary", "summary_page", "validation", "cross_sections", "audits"}


def family(*stages: str, channel: str = CHANNEL) -> set[str]:
    return {f"{channel}_{stage}" for stage in stages}


def everywhere(*stages: str) -> set[str]:
    return {f"{channel}_{stage}" for channel in (CHANNEL, *OTHERS) for stage in stages}


def append(path: Path, text: str = "\n# a comment\n") -> None:
    path.write_text(path.read_text() + text)


def test_touching_every_source_runs_nothing(restamped):
    for path in [
        *restamped.folder.rglob("*.py"),
        *restamped.folder.rglob("*.smk"),
        *(restamped.folder / "config").rglob("*.yaml"),
    ]:
        path.touch()
    (restamped.folder / "Snakefile").touch()
    assert restamped.planned() == set()


def test_a_fit_window_runs_the_fits_limits_and_plots_of_its_family_only(restamped):
    channel = restamped.folder / "config" / "channels" / f"{CHANNEL}.yaml"
    text = channel.read_text()
    changed = text.replace("half_window_sigma: [20.0, 30.0]", "half_window_sigma: [18.0, 30.0]")
    assert changed != text
    channel.write_text(changed)
    assert restamped.planned() - GATHERING == family("fit", "limit", "audit", "table", "plot")


def test_a_label_runs_the_plots_only(restamped):
    channel = restamped.folder / "config" / "channels" / f"{CHANNEL}.yaml"
    channel.write_text(channel.read_text() + 'figures: {mass_label: "mass [GeV]"}\n')
    assert restamped.planned() - GATHERING == family("plot")


def test_a_confidence_level_runs_limits_not_fits(restamped):
    channel = restamped.folder / "config" / "channels" / f"{CHANNEL}.yaml"
    channel.write_text(channel.read_text().replace("level: 0.95", "level: 0.90"))
    assert restamped.planned() - GATHERING == family("limit", "audit", "table", "plot")


@pytest.mark.parametrize(
    ("module", "stages"),
    [
        ("stages/limit.py", ("limit", "audit", "table", "plot")),
        ("statistics/bayesian.py", ("fit", "limit", "audit", "table", "plot")),
        ("inference/binned_data.py", ("data", "fit", "limit", "audit", "table", "plot")),
        ("plotting/exclusion.py", ("plot",)),
        ("inference/workspace.py", ("data", "fit", "limit", "audit", "table", "plot")),
    ],
)
def test_a_module_runs_exactly_its_users(restamped, module: str, stages: tuple[str, ...]):
    append(restamped.folder / "workflow" / "scripts" / "umbra" / module)
    assert restamped.planned() - GATHERING == everywhere(*stages)


def test_a_selection_runs_its_channel_from_the_skim_on(restamped):
    append(restamped.folder / "workflow/scripts/umbra/selection/three_photons.py")
    assert restamped.planned() - GATHERING == family(
        "skim", "model", "data", "fit", "limit", "audit", "table", "plot"
    )


def test_a_process_generates_its_own_samples_only(restamped):
    append(restamped.folder / "workflow/scripts/umbra/generation/processes/three_gamma.py")
    planned = restamped.planned_outputs()
    assert planned.keys() - GATHERING == {"generate"} | family(
        "skim", "model", "data", "fit", "limit", "audit", "table", "plot"
    )
    assert {Path(path).parts[3] for path in planned["generate"]} == {"three_gamma"}


def test_a_module_that_nobody_imports_runs_nothing(restamped):
    (restamped.folder / "workflow/scripts/umbra/unused.py").write_text("x = 1\n")
    assert restamped.planned() == set()


def test_the_profile_is_active(restamped):
    assert "profiles/default" in restamped.run("--dry-run", "--cores", "1").stderr


def test_job_counts_stay_small(restamped):
    channels = ",".join(f'"{name}"' for name in (CHANNEL, *OTHERS))
    count = sum(restamped.counts(config=("scan=full", f"channels=[{channels}]")).values())
    hypotheses = 500 + 5704 + 60
    # Generation included; a job for each mass point would be two jobs a hypothesis.
    assert count < hypotheses / 20
