"""What several stages read: a channel's record, its method and its expectation."""

from pathlib import Path
from typing import Any

from umbra.config.records import Channel
from umbra.inference.methods import registry as methods
from umbra.inference.methods.method import Method


def read(rule: Any) -> tuple[Channel, Method, Any]:
    """Channel, method and expectation from the slice and the input `model` of a rule."""
    channel = Channel.from_slice(rule.params.slice)
    method = methods.find(channel.fit)
    signals, background = (Path(path) for path in rule.input.model)
    return channel, method, method.expectation(channel, signals, background)


def paths(files: Any) -> list[Path]:
    """Files of a rule as paths."""
    return [Path(path) for path in files]
