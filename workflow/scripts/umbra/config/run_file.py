"""What a run does: `config/config.yaml`, a scenario, or `--config key=value`."""

from typing import Any, Literal

from pydantic import Field

from umbra.config.channel_file import Name
from umbra.config.records import Asimov, Data
from umbra.core.records import Record, Several


class RunFile(Record):
    """Run configuration.

    Parameters
    ----------
    scan
        How fine the mass grids and how large the samples are.
    channels
        To run, by the stem of their file; empty means all.
    keep_samples
        Keep generated events; false removes each file once every channel has skimmed it.
    shipped_channels
        Make the channels that come with Umbra beside the user's own.
    data
        What plays the part of the data in every channel.
    variants
        New channels: name -> the channel whose file it starts from (`of`), and content that is laid over it.
    overrides
        Channel -> content that is laid over its file; nested keys are merged.
    """

    scan: Literal["default", "full", "tiny"] = "default"
    channels: Several[str] = ()
    keep_samples: bool = True
    shipped_channels: bool = False
    data: Data = Field(default=Asimov(), discriminator="kind")
    variants: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    overrides: dict[str, dict[str, Any]] = Field(default_factory=dict)
