"""How a sample is written down in a channel file; see `umbra.config.channel_file`."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from umbra.config.blocks import EventsByScan, From, Name, Part
from umbra.config.bounds import Events
from umbra.core.records import OneOrMore, OpenInterval, PositiveFloat, PositiveInt, Record, Several, distinct


class SampleBlock(Record):
    """Events of one process, made for every data set.

    Parameters
    ----------
    process
        Name in the catalogue of processes, or of Pythia's samples (`origin: pythia`).
    external
        Files of another generator, in the place of a process, see `umbra.generation.external`.
    origin
        What a background is made from.
    data_sets
        That have it; all of them without.
    radiation
        From the initial state.
    parameters, cuts, decay
        See the catalogue.
    weighted
        Keep weighted events, which cover steep spectra evenly.
    masses_gev, masses2_gev
        Generated masses, which make a sample a signal.
    events
        Number of them (of each mass).
    chunk_events
        Events of one file; of more where there would be more than five files.
    options
        Options of the selection that hold for this sample only.
    split
        Part -> options: the sample is passed through the selection once for each part, `<sample>/<part>`.
    pythia_settings, fraction
        Further lines for Pythia, such as forced decays, and the share of the cross-section that they leave.
    from
        Where these two come from.
    """

    #: What is said of events that are still to be made.
    _OF_GENERATION: ClassVar[tuple[str, ...]] = (
        *("events", "chunk_events", "masses_gev", "masses2_gev", "origin"),
        *("radiation", "parameters", "cuts", "weighted"),
    )

    process: Name | None = None
    external: OneOrMore[dict[str, Any]] | None = None
    origin: Literal["matrix_element", "pythia", "parametrised"] = "matrix_element"
    data_sets: Annotated[OneOrMore[Part], AfterValidator(distinct)] | None = None
    radiation: Literal["none", "leading_log"] = "none"
    parameters: dict[str, float] = Field(default_factory=dict)
    cuts: dict[str, OpenInterval] = Field(default_factory=dict)
    decay: Name | None = None
    weighted: bool = False
    masses_gev: Annotated[OneOrMore[PositiveFloat], Field(min_length=2, max_length=1000)] | None = None
    masses2_gev: Annotated[OneOrMore[PositiveFloat], Field(min_length=2, max_length=1000)] | None = None
    events: EventsByScan | Events | None = None
    chunk_events: PositiveInt | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    split: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    pythia_settings: Several[str] = ()
    fraction: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    from_: From | None = Field(None, alias="from")

    @model_validator(mode="after")
    def _check(self) -> "SampleBlock":
        self._check_origin()
        if (self.process is None) == (self.external is None):
            raise ValueError("process: a sample has either a process or files of an external generator")
        if self.process is not None and self.events is None:
            raise ValueError("events: the number of events is missing")
        for key in self._OF_GENERATION if self.external is not None else ():
            if key in self.model_fields_set:
                raise ValueError(
                    f"{key}: the events of external files are made, and the files say their masses"
                )
        masses = self.masses_gev or ()
        if self.masses2_gev is None and list(masses) != sorted(set(masses)):
            raise ValueError("masses_gev: they must increase, without one that occurs twice")
        if self.masses2_gev is not None:
            points = list(zip(masses, self.masses2_gev, strict=False))
            if len(masses) != len(self.masses2_gev):
                raise ValueError("masses2_gev: it needs one second mass for each of masses_gev")
            if points != sorted(set(points)):
                raise ValueError(
                    "masses2_gev: the pairs of masses must increase, without one that occurs twice"
                )
        return self

    def _check_origin(self) -> None:
        """Refuse what the maker of the events would not hear of."""
        given = [key for key in ("pythia_settings", "fraction") if key in self.model_fields_set]
        if self.origin != "pythia":
            if given:
                raise ValueError(f"{given[0]}: it is for samples of Pythia")
            return
        if self.masses_gev is not None:
            raise ValueError("origin: a signal cannot come from Pythia")
        for key in ("radiation", "parameters", "cuts", "decay", "weighted"):
            if key in self.model_fields_set:
                raise ValueError(f"{key}: Pythia makes the events, and this says nothing to it")
        if given and self.from_ is None:
            raise ValueError(f"from: it is missing: where does {given[0]} come from?")
