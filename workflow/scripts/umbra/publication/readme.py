"""What an archive says of itself."""

from collections.abc import Sequence
from pathlib import Path

from umbra.config.records import Channel
from umbra.core.provenance import library_version
from umbra.publication.likelihoods import NO_RECORD
from umbra.statistics.pyhf_engine import why_no_equivalent

#: Text with gaps.
_TEMPLATE = Path(__file__).with_name("readme.md")


def readme(channel: Channel, interpretations: Sequence[str], methods: Sequence[str], record: str) -> str:
    """Text of the archive's README.

    Parameters
    ----------
    channel
        That was published.
    interpretations
        With likelihoods; at least one.
    methods
        Of its limits.
    record
        Identifier of INSPIRE.
    """
    level = channel.limit.level
    same = [each for each in methods if not why_no_equivalent(each)]
    other = [each for each in methods if why_no_equivalent(each)]
    said = []
    if same:
        said.append(f"Limits by `{'`, `'.join(same)}` are those of pyhf, to a thousandth.")
    if other:
        said.append(
            f"Limits by `{'`, `'.join(other)}` are of another method than pyhf's asymptotic CLs, which gives other "
            "numbers for the same likelihood: `umbra limits` knows them."
        )
    if record == NO_RECORD:
        said.append(
            f"Patch sets must name a record of INSPIRE; `{NO_RECORD}` stands there until there is one."
        )
    labels = {each.name: each.label for each in channel.interpretations}
    asimov = channel.data.kind == "asimov" and not any(each.published for each in channel.interpretations)
    return _TEMPLATE.read_text(encoding="utf-8").format(
        title=channel.title,
        citation=channel.reference.citation,
        arxiv=channel.reference.arxiv,
        version=library_version(),
        percent=f"{100.0 * level:g}",
        interpretations="; ".join(f"`{name}` ({labels[name]})" for name in interpretations),
        first=interpretations[0],
        alpha=f"{1.0 - level:g}",
        no_data=" There are no data: observations are the expected background, and an observed limit has no meaning."
        if asimov
        else "",
        methods="\n\n".join(said),
    )
