"""The table of a dry run and the line on a run's progress say what Snakemake's events say."""

import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from umbra.commands import progress

CHANNELS = ("alp", "alp_2018", "zprime")
COUNTS = {"generate": 4, "alp_skim": 2, "alp_2018_skim": 3, "alp_plot": 1, "alp_2018_plot": 1, "all": 1}


def test_a_rule_belongs_to_the_channel_with_the_longest_name() -> None:
    assert progress.owner("alp_2018_skim", CHANNELS) == ("alp_2018", "skim")
    assert progress.owner("alp_skim", CHANNELS) == ("alp", "skim")
    assert progress.owner("generate", CHANNELS) == (progress.SHARED, "generate")
    assert progress.owner("summary", CHANNELS) == (progress.TOGETHER, "summary")


def test_the_table_has_a_row_for_each_channel_and_sums() -> None:
    assert progress.table(COUNTS, CHANNELS).splitlines() == [
        "              generate  skim  plot  total",
        "samples              4                  4",
        "alp                        2     1      3",
        "alp_2018                   3     1      4",
        "all together                            1",
        "total                4     5     2     12",
    ]


def record(event: LogEvent, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", logging.INFO, "", 0, "", (), None)
    vars(made).update(event=event, **more)
    return made


class Run:
    """A run whose clock the test moves, and what it said."""

    def __init__(self, **counts: int) -> None:
        self.now, self.said = 100.0, list[str]()
        made = progress.Progress(channels=CHANNELS, say=self.said.append, clock=lambda: self.now)
        self.listener = progress.Listener(made)
        self.number = 0
        self.listener.filter(record(LogEvent.RUN_INFO, stats={**counts, "total": sum(counts.values())}))

    def job(self, rule: str, seconds: float) -> None:
        self.number += 1
        self.listener.filter(record(LogEvent.JOB_INFO, jobid=self.number, rule_name=rule))
        self.now += seconds
        self.listener.filter(record(LogEvent.JOB_FINISHED, job_id=self.number))


def test_a_short_run_says_nothing() -> None:
    run = Run(alp_skim=2)
    run.job("alp_skim", 10.0)
    run.job("alp_skim", 19.0)
    assert run.said == []


def test_progress_counts_channels_and_takes_for_each_rule_the_time_that_it_took() -> None:
    run = Run(generate=1, alp_skim=1, zprime_skim=3, zprime_plot=1)
    run.job("generate", 20.0)
    run.job("alp_skim", 40.0)
    # Of the others nothing is known: four jobs of 30 s.
    assert run.said == ["1 of 2 channels, 2 of 6 jobs are done after 60 s; about 2 min left"]
    run.job("zprime_skim", 600.0)
    # Two more skims of 10 min, and a plot of the mean of all, 220 s.
    assert run.said[1] == "1 of 2 channels, 3 of 6 jobs are done after 11 min; about 24 min left"


def test_progress_divides_by_the_jobs_that_run_at_once() -> None:
    run = Run(alp_fit=4)
    for job in (11, 12):
        run.listener.filter(record(LogEvent.JOB_INFO, jobid=job, rule_name="alp_fit"))
    run.now += 60.0
    for job in (11, 12):
        run.listener.filter(record(LogEvent.JOB_FINISHED, job_id=job))
    # At the second event the line is not due again; what it would say:
    assert run.listener.progress.text(run.now) == (
        "0 of 1 channels, 2 of 4 jobs are done after 60 s; about 60 s left"
    )


def test_events_of_unknown_jobs_are_passed_over() -> None:
    run = Run(alp_skim=1)
    run.now += 60.0
    assert run.listener.filter(record(LogEvent.JOB_FINISHED, job_id=77))
    assert run.said == []


def test_a_plan_keeps_the_counts_and_lets_only_warnings_pass() -> None:
    plan = progress.Plan()
    assert plan.counts is None
    assert not plan.filter(record(LogEvent.RUN_INFO, stats={"alp_skim": 2, "total": 2}))
    assert plan.counts == {"alp_skim": 2}
    warning = record(LogEvent.ERROR)
    warning.levelno = logging.WARNING
    assert plan.filter(warning)


@pytest.mark.parametrize(
    ("kind", "text", "left"),
    [
        (
            "OSError",
            "OSError:\n  File here\n\nOSError: [Errno 28] No space left",
            "OSError: [Errno 28] No space left",
        ),
        ("UmbraError", "UmbraError in file x, line 9:\nscan: 'y'\n  File x, line 9", "umbra: scan: 'y'"),
        ("KeyError", "KeyError:\n  File here\n", "KeyError:\n  File here\n"),
    ],
)
def test_errors_that_users_can_mend_are_one_sentence(kind: str, text: str, left: str) -> None:
    made = record(LogEvent.ERROR, exception=kind)
    made.msg = text
    assert progress.OneSentence().filter(made)
    assert made.getMessage() == left
