"""What `./run` says of Snakemake's jobs: a table of those that `-n` plans, and how far a long run is.

Both listen to the events that Snakemake logs. A filter of its logger is asked about each, before any handler.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from snakemake_interface_logger_plugins.common import LogEvent

#: Rows of a table that are no channel.
SHARED, TOGETHER = "samples", "all together"
#: The rule whose samples the channels share.
_SHARED_STAGE = "generate"
#: Seconds between two lines on a run's progress; none before the first of them have passed.
INTERVAL_S = 30.0
#: Errors of the system that Snakemake shows with a traceback.
_OF_THE_SYSTEM = ("OSError", "PermissionError", "FileExistsError", "NotADirectoryError", "IsADirectoryError")


def owner(rule: str, channels: Iterable[str]) -> tuple[str, str]:
    """Channel and stage of a rule; shared rules have a row of their own."""
    longest = max((name for name in channels if rule.startswith(f"{name}_")), key=len, default=None)
    if longest is not None:
        return longest, rule.removeprefix(f"{longest}_")
    return (SHARED if rule == _SHARED_STAGE else TOGETHER), rule


def table(counts: Mapping[str, int], channels: Sequence[str]) -> str:
    """Lay out the number of jobs by channel and stage.

    Parameters
    ----------
    counts
        Rule -> number of its jobs, in the order in which they can run.
    channels
        Names of all channels.
    """
    jobs: dict[str, Counter[str]] = {}
    stages: list[str] = []
    for rule, number in counts.items():
        row, stage = owner(rule, channels)
        jobs.setdefault(row, Counter())[stage] += number
        if row != TOGETHER and stage not in stages:
            stages.append(stage)
    rows = sorted(jobs, key=lambda name: (name == TOGETHER, name != SHARED, name))
    lines = [["", *stages, "total"]]
    for name in rows:
        lines.append([name, *(str(jobs[name][stage] or "") for stage in stages), str(jobs[name].total())])
    sums = [sum(jobs[name][stage] for name in rows) for stage in stages]
    lines.append(["total", *(str(number) for number in sums), str(sum(counts.values()))])
    widths = [max(len(line[column]) for line in lines) for column in range(len(stages) + 2)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


class OneSentence(logging.Filter):
    """Cuts the traceback from what Snakemake says of our errors and of those of the system (disk full, read-only)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass every record."""
        kind = getattr(record, "exception", "")
        lines = record.getMessage().strip().splitlines() if kind else []
        if kind in _OF_THE_SYSTEM:
            record.msg, record.args = lines[-1], ()
        elif kind == "UmbraError":  # where in the Snakefile, the sentence, where in our code
            record.msg, record.args = f"umbra: {lines[1]}", ()
        return True


class Plan(logging.Filter):
    """Keeps how many jobs of each rule a dry run finds, and all else than warnings from the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass warnings and errors only."""
        if getattr(record, "event", None) == LogEvent.RUN_INFO:
            counts = dict(getattr(record, "stats", {}))
            counts.pop("total", None)
            self.counts = counts
        return record.levelno >= logging.WARNING


@dataclass
class _Stage:
    """Jobs of one rule: how many are left, and how long the others took."""

    left: int = 0
    done: int = 0
    seconds: float = 0.0


@dataclass
class Progress:
    """Counts the jobs of a run and says now and then how far it is.

    Parameters
    ----------
    channels
        Names of all channels.
    say
        Prints one line.
    clock
        Gives the time in seconds.
    """

    channels: Sequence[str]
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    stages: dict[str, _Stage] = field(default_factory=dict)
    jobs: dict[int, tuple[str, float]] = field(default_factory=dict)
    begun: float = 0.0
    said: float = 0.0

    def planned(self, counts: Mapping[str, int]) -> None:
        """Begin with so many jobs of each rule."""
        self.stages = {rule: _Stage(left=number) for rule, number in counts.items() if rule != "total"}
        self.begun = self.said = self.clock()

    def started(self, job: int, rule: str) -> None:
        """Note that a job starts, perhaps again."""
        self.jobs[job] = (rule, self.clock())

    def finished(self, job: int) -> None:
        """Note that a job has ended well, and say how far the run is if it is time to."""
        rule, since = self.jobs.pop(job, ("", 0.0))
        if rule not in self.stages:
            return
        now, stage = self.clock(), self.stages[rule]
        stage.left, stage.done, stage.seconds = stage.left - 1, stage.done + 1, stage.seconds + now - since
        if now - self.said >= INTERVAL_S:
            self.said = now
            self.say(self.text(now))

    def text(self, now: float) -> str:
        """How far the run is, and how long it will still take if jobs take as long as those of their rule did."""
        done, left = (sum(getattr(s, name) for s in self.stages.values()) for name in ("done", "left"))
        owners = {rule: owner(rule, self.channels)[0] for rule in self.stages}
        wanted = set(owners.values()) & set(self.channels)
        busy = {owners[rule] for rule, stage in self.stages.items() if stage.left > 0}
        text = f"{done} of {done + left} jobs are done after {_duration(now - self.begun)}"
        if wanted:
            text = f"{len(wanted - busy)} of {len(wanted)} channels, {text}"
        return f"{text}; about {_duration(self._left_s(now))} left" if done else text

    def _left_s(self, now: float) -> float:
        spent = sum(stage.seconds for stage in self.stages.values())
        mean = spent / sum(stage.done for stage in self.stages.values())
        work = sum(s.left * (s.seconds / s.done if s.done else mean) for s in self.stages.values())
        at_once = max(spent / max(now - self.begun, 1e-9), 1e-9)
        return work / at_once


class Listener(logging.Filter):
    """Tells a `Progress` what Snakemake logs."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass every record."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self.progress.planned(getattr(record, "stats", {}))
        elif event == LogEvent.JOB_INFO:
            self.progress.started(getattr(record, "jobid", -1), getattr(record, "rule_name", ""))
        elif event == LogEvent.JOB_FINISHED:
            self.progress.finished(getattr(record, "job_id", -1))
        return True


def _duration(seconds: float) -> str:
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
