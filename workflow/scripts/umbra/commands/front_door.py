"""What `./run` does around Snakemake: all cores, a lock that knows the dead, a last word on the plots.

Snakemake refuses to start while `.snakemake/locks` names its files, also when their owner was killed.
Each `./run` therefore holds a shared `flock` on `.snakemake/run.lock` for its life, which the kernel drops
even at `kill -9`. Whoever can take it exclusively knows that no other `./run` lives, ends the jobs that a
dead one left behind (they would write the files that are about to be made again) and removes its lock.
"""

import contextlib
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from snakemake.cli import args_to_api, parse_cores
from snakemake.exceptions import CliException
from snakemake.logging import logger
from snakemake.settings.enums import Quietness
from snakemake.settings.types import SharedFSUsage
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

from umbra.commands import command_line, manifest, progress, temporary
from umbra.core import paths
from umbra.core.errors import UmbraError
from umbra.core.io import remove_parts

MARK = "UMBRA_RUN"
"""Environment variable that marks the jobs of a `./run`; its value is the project's folder."""

SECONDS_OF_SET_UP = 5
"""Before the jobs of a cluster are looked at for the first time."""

QUESTIONS = (
    *("dryrun", "touch", "lint", "unlock", "list_rules", "list_target_rules", "summary", "detailed_summary"),
    *("dag", "rulegraph", "filegraph", "d3dag", "report"),
)
"""Options with which Snakemake only answers (or only stamps files) and runs no job."""


def main(given: Sequence[str] | None = None) -> NoReturn:
    """Run Snakemake on the arguments, those of the command line if `None`, and end with its exit code."""
    project = Path.cwd()
    temporary.tidy(project)
    try:
        parser, arguments = command_line.parse(sys.argv[1:] if given is None else list(given))
        project = Path.cwd()  # that of --directory
        prepare(arguments)
        if any(getattr(arguments, question) for question in QUESTIONS):
            success = answer(parser, arguments)
        else:
            success = work(project, parser, arguments)
    except UmbraError as error:
        say(str(error))
        sys.exit(1)
    except OSError as error:
        say(f"{error.filename or project}: {error.strerror}")
        sys.exit(1)
    if not success:
        for hint in command_line.hints(arguments):
            say(hint)
    sys.exit(0 if success else 1)


def prepare(arguments: Namespace) -> None:
    """Set what Snakemake leaves open or does worse for the size of our runs."""
    local = arguments.executor in (None, "local")
    if local and arguments.cores is None and arguments.jobs is None:
        arguments.cores = parse_cores("all")
    if local:
        # Snakemake 9.27 starts a timer that asks for new jobs each second for every job that has ended, so that
        # a run of 300 jobs keeps its scheduler busy half of the time. Only queues need a bound on submissions.
        arguments.max_jobs_per_timespan = None
    else:
        settle_executor(arguments)
    if " " in sys.executable:  # Snakemake 9.27 starts a rule's script with this name unquoted
        sys.executable = os.path.relpath(sys.executable)
    logging.raiseExceptions = False  # a log that cannot be written (disk full) is no reason for a traceback
    logger.addFilter(progress.OneSentence())


def settle_executor(arguments: Namespace) -> None:
    """Set what plugins for clusters leave to Snakemake 9.27, where its choice fails.

    * Before each job of an executor that does not decline (HTCondor's), Snakemake puts a `pip install` of every storage
      plugin in the environment, although the nodes use that same one: it has no `pip`, and a node may have no network.
    * An executor that wants no wait before its jobs are looked at may be asked for them before it is set up; the
      thread that asks then dies, and the run waits for ever.
    """
    executor = ExecutorPluginRegistry().get_plugin(arguments.executor)
    if SharedFSUsage.SOFTWARE_DEPLOYMENT in arguments.shared_fs_usage:
        executor.common_settings.auto_deploy_default_storage_provider = False
    executor.common_settings.init_seconds_before_status_checks = max(
        SECONDS_OF_SET_UP, executor.common_settings.init_seconds_before_status_checks
    )


def answer(parser: Any, arguments: Namespace) -> bool:
    """Let Snakemake answer a question; of a dry run, show a table in place of all jobs unless they are asked for."""
    talkative = arguments.printshellcmds or arguments.verbose or arguments.debug_dag
    if not arguments.dryrun or arguments.quiet is not None or talkative:
        return snakemake(parser, arguments)
    arguments.quiet = {Quietness.RULES, Quietness.PROGRESS}
    plan = progress.Plan()
    logger.addFilter(plan)
    success = snakemake(parser, arguments)
    if success and plan.counts is None:
        print("Nothing to be done: all requested files are present and up to date.")
    elif success and plan.counts:
        print(progress.table(plan.counts, command_line.channel_names(arguments)))
        say("these jobs would run; -n -p shows each with its files and the reason for it")
    return success


def work(project: Path, parser: Any, arguments: Namespace) -> bool:
    """Run jobs under the lock, saying now and then how far they are, and know afterwards what they made."""
    lock = hold_run_lock(project)
    keep_environment(project)
    os.environ[MARK] = str(project)
    logger.addFilter(
        progress.Listener(progress.Progress(channels=command_line.channel_names(arguments), say=say))
    )
    success = snakemake(parser, arguments)
    if try_alone(lock):
        try:
            manifest.write(project)
        except (OSError, UmbraError) as error:
            say(f"{manifest.MANIFEST} could not be written: {error}")
            success = False
    if success:
        tell_plots(project, arguments)
    return success


def snakemake(parser: Any, arguments: Namespace) -> bool:
    """Call Snakemake and tell whether it succeeded.

    Raises
    ------
    UmbraError
        For options that only Snakemake's interface finds wrong.
    """
    try:
        return bool(args_to_api(arguments, parser))
    except (ValueError, CliException) as error:
        raise UmbraError(" ".join(str(error).split())) from error


def say(text: str) -> None:
    """Print one line to stderr."""
    print(f"umbra: {text}", file=sys.stderr, flush=True)


def tell_plots(project: Path, arguments: Namespace) -> None:
    """Say where the plots are after a run of everything."""
    folders = sorted({plot.parent.relative_to(project) for plot in project.glob("results/*/*.png")})
    if folders and not arguments.targets:
        say(f"the plots are results/*/*.png, in {', '.join(folder.name for folder in folders)}")


def hold_run_lock(project: Path) -> int:
    """Join the living runs of this project, and clear away what a dead one left if there is no other.

    Parameters
    ----------
    project
        The folder in which Snakemake works.

    Returns
    -------
    int
        The descriptor of the lock, open until the process ends. The jobs do not inherit it: a dead run's lock
        does not outlive it.
    """
    state = project / ".snakemake"
    state.mkdir(exist_ok=True)
    descriptor = os.open(state / "run.lock", os.O_RDWR | os.O_CREAT, 0o666)
    if try_alone(descriptor):
        clear_dead_run(project)
    else:
        say("another run is at work in this folder: its lock is respected")
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def keep_environment(project: Path) -> None:
    """Join the runs that the set-up of another folder's checkout, whose environment this is, waits for."""
    checkout = paths.checkout()
    if checkout is None or checkout == project.resolve():
        return
    with contextlib.suppress(OSError):  # read-only, and no run of its owner's so far
        descriptor = os.open(checkout / ".snakemake" / "run.lock", os.O_RDONLY)  # until the process ends
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


def try_alone(descriptor: int) -> bool:
    """Take the lock for us alone if no other `./run` holds it, and tell whether that was so.

    Where the file system knows no locks, nobody is ever alone: then `./run --unlock` is left to the user.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def clear_dead_run(project: Path) -> None:
    """End the jobs of a dead run, remove its lock and what is damaged, unless a plain `snakemake` works here."""
    locks = sorted((project / ".snakemake" / "locks").glob("*.lock"))
    living = [pid for pid in other_processes() if is_snakemake_in(pid, project)]
    if living:
        say(f"snakemake (process {living[0]}) is at work in this folder: its lock is respected")
        return
    if locks:
        cancel_slurm_jobs(project)
    end_orphans(project)
    for lock in locks:
        lock.unlink(missing_ok=True)
    if locks:
        say("removed the lock of a run that died")
    remove_parts(project / "results")
    for name in manifest.discard_damaged(project):
        say(f"removed {name}: it was changed since it was made")


def cancel_slurm_jobs(project: Path) -> None:
    """Cancel the Slurm jobs that a dead `./run` of this project left behind, and wait for their end."""
    if shutil.which("squeue") is None:
        return
    for _ in range(60):
        jobs = slurm_jobs(project)
        if not jobs:
            return
        say(f"cancelling Slurm jobs of a run that died: {', '.join(jobs)}")
        subprocess.run(["scancel", *jobs], check=False)
        time.sleep(2)
    say("they do not end and might still write: start again when squeue shows them no more")
    sys.exit(1)


def slurm_jobs(project: Path) -> list[str]:
    """Return the numbers of our Slurm jobs that work in this folder, known by the name of profiles/slurm."""
    command = ["squeue", "--me", "--noheader", "--format=%F %j %Z"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    jobs = [line.split(maxsplit=2) for line in listing.splitlines()]
    return sorted({job for job, name, folder in jobs if name.startswith("umbra_") and folder == str(project)})


def end_orphans(project: Path) -> None:
    """End the jobs on this machine that a dead `./run` of this project left, and wait for their end."""
    orphans = [pid for pid in other_processes() if mark(project) in read_list(pid, "environ")]
    for pid in orphans:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        say(f"ended process {pid}, a job of a run that died")
    while any(mark(project) in read_list(pid, "environ") for pid in orphans):
        time.sleep(0.05)


def mark(project: Path) -> bytes:
    """Return the entry of a job's environment that names the project."""
    return f"{MARK}={project}".encode()


def other_processes() -> Iterator[int]:
    """Yield the process numbers of this machine but our own (none where there is no /proc)."""
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) != os.getpid():
            yield int(folder.name)


def read_list(pid: int, name: str) -> list[bytes]:
    """Return the NUL-separated entries of `/proc/<pid>/<name>`: none if it ended or is another user's."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().split(b"\0")
    except OSError:
        return []


def is_snakemake_in(pid: int, folder: Path) -> bool:
    """Tell whether a process is a `snakemake` that works in the folder and is not a job of a `./run`."""
    try:
        here = Path(f"/proc/{pid}/cwd").readlink() == folder
    except OSError:
        return False
    ours = mark(folder) in read_list(pid, "environ")
    return here and not ours and any(word.endswith(b"snakemake") for word in read_list(pid, "cmdline"))


if __name__ == "__main__":
    main()
