"""An executor that runs jobs at once on this machine and writes the command of each to `commands.txt`.

As HTCondor's, it leaves to Snakemake what is put before a job.
"""

import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface
from snakemake_interface_executor_plugins.settings import CommonSettings

common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_default_storage_provider_args=True,
    pass_default_resources_args=True,
    pass_envvar_declarations_to_cmd=True,
    auto_deploy_default_storage_provider=True,
    init_seconds_before_status_checks=0,
)


class Executor(RemoteExecutor):
    """Runs a job when it is submitted."""

    def __post_init__(self) -> None:
        self.codes: dict[str, int] = {}

    def run_job(self, job: JobExecutorInterface) -> None:
        command = self.format_job_exec(job)
        with Path("commands.txt").open("a", encoding="utf-8") as stream:
            stream.write(f"{command}\n")
        number = str(len(self.codes))
        self.codes[number] = subprocess.run(command, shell=True, check=False).returncode
        self.report_job_submission(SubmittedJobInfo(job, external_jobid=number))

    async def check_active_jobs(
        self, active_jobs: list[SubmittedJobInfo]
    ) -> AsyncGenerator[SubmittedJobInfo, None]:
        for submitted in active_jobs:
            if self.codes[str(submitted.external_jobid)]:
                self.report_job_error(submitted)
            else:
                self.report_job_success(submitted)
        for none in ():
            yield none

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        """Jobs have ended when they are submitted."""
