"""A throw-away Slurm of virtual nodes on this machine, without systemd or a trace outside one folder.

The daemons run in the foreground as children of the test, as whoever runs the test. Memory and CPU limits
of the virtual nodes hold on paper only (no cgroups). `snakemake-executor-plugin-slurm-jobstep` removes
SLURM_CONF before its inner `srun`; a small `srun` that sets it again therefore comes first on the PATH, so
that nothing needs to be written to /etc.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

DAEMONS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol")
SBIN = f"{os.environ['PATH']}:/usr/sbin:/sbin"


def missing_programs() -> list[str]:
    """Return which programs of Slurm and munge this machine lacks."""
    return [name for name in DAEMONS if shutil.which(name, path=SBIN) is None]


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Poll until the condition holds.

    Raises
    ------
    TimeoutError
        If it does not hold in time; the message says what was waited for.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.05)


def processes_with(variable: str) -> Iterator[int]:
    """Yield the processes that were started with this `NAME=value` in their environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if variable.encode() in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)


def children(pid: int) -> set[int]:
    """Return the child processes of a process."""
    try:
        return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except OSError:
        return set()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ThrowawaySlurm:
    """Slurm and munge in one folder.

    Parameters
    ----------
    folder
        Where configuration, state and logs go; short, because munge's socket lies in it.
    nodes
        Names of the virtual nodes.
    cpus
        Number of CPUs that each node claims to have.
    """

    def __init__(self, folder: Path, nodes: tuple[str, ...] = ("n1", "n2"), cpus: int = 2) -> None:
        self.folder = folder
        self.nodes = nodes
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("log", "state", "spool", "munge", "bin"):
            (folder / name).mkdir(parents=True)
        (folder / "munge").chmod(0o755)
        self.configuration = folder / "slurm.conf"
        self.environment = os.environ | {
            "PATH": f"{folder / 'bin'}:{SBIN}",
            "SLURM_CONF": str(self.configuration),
        }
        self._configure(cpus)

    def _configure(self, cpus: int) -> None:
        key = self.folder / "munge/key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))
        srun = self.folder / "bin/srun"
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={self.configuration} exec {shutil.which("srun")} "$@"\n')
        srun.chmod(0o755)
        host, user = socket.gethostname().split(".")[0], Path(self.folder).owner()
        lines = [
            "ClusterName=throwaway",
            f"SlurmctldHost={host}(127.0.0.1)",
            f"SlurmctldPort={free_port()}",
            f"SlurmUser={user}",
            f"SlurmdUser={user}",
            "AuthType=auth/munge",
            "CredType=cred/munge",
            f"AuthInfo=socket={self.folder}/munge/socket",
            f"StateSaveLocation={self.folder}/state",
            f"SlurmdSpoolDir={self.folder}/spool/%n",
            f"SlurmctldPidFile={self.folder}/state/slurmctld.pid",
            f"SlurmdPidFile={self.folder}/spool/%n.pid",
            # No cgroups, no accounting, no MPI: none of them is needed.
            "ProctrackType=proctrack/linuxproc",
            "TaskPlugin=task/none",
            "JobAcctGatherType=jobacct_gather/none",
            "AccountingStorageType=accounting_storage/none",
            "MpiDefault=none",
            "SwitchType=switch/none",
            "SelectType=select/cons_tres",
            "SelectTypeParameters=CR_Core_Memory",
            "SlurmdParameters=config_overrides",
            # Quick to schedule and to notice a dead node; ended jobs stay visible to squeue.
            "SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0",
            "SlurmdTimeout=10",
            "KillWait=2",
            "MinJobAge=600",
            "ReturnToService=2",
        ]
        for name in self.nodes:
            size = f"CPUs={cpus} CoresPerSocket={cpus} ThreadsPerCore=1 RealMemory=16000"
            lines.append(f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={free_port()} {size}")
        lines.append(f"PartitionName=main Nodes={','.join(self.nodes)} Default=YES MaxTime=INFINITE State=UP")
        self.configuration.write_text("\n".join(lines) + "\n")

    def _spawn(self, name: str, *command: str) -> None:
        with (self.folder / "log" / f"{name}.log").open("ab") as log:
            self.daemons[name] = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start all daemons and wait until every node runs a job."""
        munge = self.folder / "munge"
        files = [
            f"--{name}={munge / name.split('-')[0]}"
            for name in ("key-file", "socket", "pid-file", "seed-file")
        ]
        force = ["--force"] if os.geteuid() == 0 else []
        self._spawn(
            "munged", "munged", "--foreground", *force, *files, f"--log-file={self.folder}/log/munge.log"
        )
        wait_for((munge / "socket").exists, "munged")
        self._spawn("slurmctld", "slurmctld", "-D", "-c")
        wait_for(lambda: self.succeeds("scontrol", "ping"), "slurmctld")
        for name in self.nodes:
            self.start_node(name)
        number = str(len(self.nodes))
        wait_for(
            lambda: self.succeeds("srun", "-Q", "-N", number, "-n", number, "true"), "every node to run a job"
        )

    def stop(self) -> None:
        """Cancel all jobs and end all daemons, the last started first."""
        self.succeeds("scancel", "--full", "--state=RUNNING")
        self.succeeds("scancel", "--state=PENDING")
        with contextlib.suppress(TimeoutError):
            wait_for(lambda: not self.output("squeue", "-h", "-t", "running,completing"), "the last jobs", 15)
        for name in reversed(list(self.daemons)):
            daemon = self.daemons.pop(name)
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def start_node(self, name: str) -> None:
        """Start the daemon of a node and return the node to service."""
        self._spawn(name, "slurmd", "-D", "-N", name)

    def kill_node(self, name: str) -> None:
        """Kill a node like a power cut: its daemon, the keepers of its jobs, and the jobs themselves."""
        daemon = self.daemons.pop(name)
        jobs = set(processes_with(f"SLURMD_NODENAME={name}"))
        keepers = [pid for pid in processes_with(f"SLURM_CONF={self.configuration}") if jobs & children(pid)]
        for pid in (daemon.pid, *keepers, *jobs):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        daemon.wait()

    def succeeds(self, *command: str) -> bool:
        """Tell whether a command of this Slurm ends with exit code 0 within 20 s."""
        try:
            done = subprocess.run(command, env=self.environment, capture_output=True, timeout=20, check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def output(self, *command: str) -> str:
        """Return the stripped stdout of a command of this Slurm."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout.strip()
