"""What a channel cannot say whose limits are on no coupling, but on what is seen, whatever made it.

Imported while Snakemake parses the workflow, so: standard library and pydantic only.
"""

from umbra.config.records import Channel, FileData
from umbra.core.errors import UmbraError


def check(channel: Channel) -> None:
    """Refuse what needs a model of the signal, where limits are on the visible cross-section.

    Raises
    ------
    UmbraError
        Naming the key, and why nothing could be made of it.
    """
    free = {each.name: each.coupling is None for each in channel.interpretations}
    if len(set(free.values())) > 1:
        raise UmbraError(
            f"limit/quantity: with it no interpretation has a coupling, here {_listed(free, False)}"
        )
    if channel.coupling is not None:
        return
    for each in channel.interpretations:
        if each.island is not None or each.branching is not None:
            raise UmbraError(
                f"{each.kind}s/{each.name}: limits are on what is seen: there is no coupling or branching fraction"
            )
    if channel.lifetimes_mm or channel.produced is not None:
        raise UmbraError(
            "limit/quantity: what is seen knows no lifetime and no parents (lifetimes_mm, produced)"
        )
    if any(
        each.published_efficiency and each.published_efficiency.signal_correction != 1.0
        for each in channel.categories
    ):
        raise UmbraError("categories: efficiency_signal_correction: limits are on what is seen of a signal")
    if any(each.luminosity_fb is not None for each in channel.categories):
        raise UmbraError("data_sets: what is seen at several energies is no one cross-section")
    if any(each.origin == "external" and each.role == "signal" for each in channel.samples.values()):
        raise UmbraError("samples: a signal of files has a coupling, and limits are on what is seen")
    if channel.systematics.signal_efficiency_relative != 0.0:
        raise UmbraError(
            "systematics/signal_efficiency_relative: the efficiency is part of the limit, 0 stands here"
        )
    if not isinstance(channel.data, FileData) and channel.data.inject is not None:
        raise UmbraError("data/inject: no coupling says how much of a signal is to be injected")


def _listed(free: dict[str, bool], wanted: bool) -> str:
    return ", ".join(name for name, is_free in free.items() if is_free == wanted) + " has one"
