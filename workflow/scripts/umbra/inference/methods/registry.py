"""Which class fits what: one row for each kind of fit."""

from umbra.config.records import BinsFit, CountingFit, EllipseFit, Fit, PeakFit, TemplatesFit
from umbra.inference.methods.bins import PublishedBins
from umbra.inference.methods.counting import Counting
from umbra.inference.methods.ellipse import Ellipse
from umbra.inference.methods.method import Method
from umbra.inference.methods.peak import Peak
from umbra.inference.methods.templates import Templates

_METHODS: dict[type[Fit], type[Method]] = {
    PeakFit: Peak,
    TemplatesFit: Templates,
    CountingFit: Counting,
    EllipseFit: Ellipse,
    BinsFit: PublishedBins,
}


def find(fit: Fit) -> Method:
    """Return the method of a channel's fit."""
    return _METHODS[type(fit)](fit)  # type: ignore[call-arg]
