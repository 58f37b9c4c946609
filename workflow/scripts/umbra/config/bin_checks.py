"""What can be known of the bins of papers before a job runs: that fit, categories and data go together."""

from umbra.config.records import BinsFit, Category, Channel, FileData, PublishedCounts
from umbra.core.errors import UmbraError
from umbra.core.search_variables import VARIABLES


def check(channel: Channel) -> None:
    """Refuse bins without their fit, and the fit without them; and data that have other bins, or none.

    Raises
    ------
    UmbraError
        For the first thing that is wrong, with its key.
    """
    for category in channel.categories:
        if (category.bins is not None) != isinstance(channel.fit, BinsFit):
            raise UmbraError(
                f"categories/{category.name}/bins: the fit of the kind 'bins' needs it, and only that"
            )
        if _needs_a_mass(channel, category):
            raise UmbraError(
                f"categories/{category.name}/variable: {category.variable} tells nothing of the mass, which only the "
                "fit 'bins' can do without, and without count_within_sigma"
            )
        if _counts_in_disorder(channel, category):
            raise UmbraError(
                f"fit/count_within_sigma: the bins of {category.name} are not in order of its variable"
            )
        if isinstance(channel.data, PublishedCounts) and not (category.bins and category.bins.observed):
            raise UmbraError(f"data/kind: the paper says nothing of what it saw in category {category.name}")
    if isinstance(channel.fit, BinsFit) and isinstance(channel.data, FileData):
        raise UmbraError("data/kind: bins of a paper hold what it saw ('published') or pseudo-data, no file")


def _needs_a_mass(channel: Channel, category: Category) -> bool:
    """Whether a window follows the mass along a variable that tells nothing of it."""
    if VARIABLES[category.variable].measures != "nothing":
        return False
    return not isinstance(channel.fit, BinsFit) or channel.fit.count_within_sigma is not None


def _counts_in_disorder(channel: Channel, category: Category) -> bool:
    """Whether bins are to be added up that do not follow each other."""
    if (
        not isinstance(channel.fit, BinsFit)
        or channel.fit.count_within_sigma is None
        or category.bins is None
    ):
        return False
    return list(category.bins.low) != sorted(set(category.bins.low))
