"""What is known of a process before anything is computed: its entry in the catalogue.

The job graph is built with entries, so: no NumPy. The class of the process takes its entry for its own, so that there
is one place for each fact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from umbra.core.errors import UmbraError
from umbra.core.records import unknown_word

#: Parameters of a process by name: `mass_gev`, `mass2_gev`, `coupling`.
Parameters = Mapping[str, float]

#: Ends of a cut; one that is `None` is open.
Bounds = tuple[float | None, float | None]
Cuts = Mapping[str, Bounds]

_MASSES = ("mass_gev", "mass2_gev")


@dataclass(frozen=True, kw_only=True)
class ProcessEntry:
    """One process of the catalogue.

    Parameters
    ----------
    name
        Name in the configuration and the calculator.
    implementation
        Its class, in the module below `umbra.generation.processes` that has the name of the catalogue's module.
    summary
        One line for `--list`.
    parameters
        Default of each parameter, `None` where the user must give it.
    massive
        Whether the cross-section diverges for a massless new particle, which is refused.
    cuts
        The cuts that it knows, see `umbra.generation.processes.cuts`.
    required_cuts
        Cuts without which the cross-section diverges; their lower end must be given.
    cuts_with_radiation
        The same under initial-state radiation, which lowers the energy of the process.
    per_parent
        Whether it is a decay of a parent, or what a counted particle makes in a thick target: its weight is a fraction
        per parent, not a cross-section in pb.
    closed_form
        Whether there is a formula for the cross-section (`Process.closed_form`).
    produces
        PDG identifiers of the new particles that it makes (`umbra.core.particles`).
    second_is_parent
        Whether the particle of the second mass decays to that of the first: only it has to be made.
    title
        What figures call it as a background, with mathtext; empty where its name will do.
    """

    name: str
    implementation: str
    summary: str
    parameters: Mapping[str, float | None] = field(default_factory=dict)
    massive: bool = False
    cuts: tuple[str, ...] = ()
    required_cuts: tuple[str, ...] = ()
    cuts_with_radiation: tuple[str, ...] = ()
    per_parent: bool = False
    closed_form: bool = False
    produces: tuple[int, ...] = ()
    second_is_parent: bool = False
    title: str = ""

    @property
    def masses(self) -> int:
        """How many masses each of its events needs: 0, 1 or 2."""
        return sum(name in self.parameters and self.parameters[name] is None for name in _MASSES)

    def complete(self, given: Parameters) -> dict[str, float]:
        """Return the parameters with defaults filled in.

        Raises
        ------
        UmbraError
            For unknown, missing or negative parameters, and for a mass of zero that the process cannot have.
        """
        for name, value in given.items():
            if name not in self.parameters:
                known = list(self.parameters) or ["none"]
                raise UmbraError(
                    unknown_word(f"process {self.name}: unknown parameter '{name}'", name, known)
                )
            if not value >= 0.0:
                raise UmbraError(f"process {self.name}: parameter {name} = {value} is negative")
        merged = {**self.parameters, **given}
        for name, optional in merged.items():
            if optional is None:
                raise UmbraError(f"process {self.name}: parameter '{name}' is missing")
        if self.massive and merged["mass_gev"] == 0.0:
            raise UmbraError(f"process {self.name}: mass_gev = 0: the cross-section diverges")
        return {name: float(value) for name, value in merged.items() if value is not None}

    def check_cuts(self, cuts: Cuts, *, radiation: bool = False) -> None:
        """Refuse unknown cuts, empty ranges, and missing lower ends that the cross-section needs.

        Parameters
        ----------
        cuts
            Name -> lower and upper end.
        radiation
            Whether the beams radiate.

        Raises
        ------
        UmbraError
            Naming the process, the cut, and the cuts that are valid.
        """
        for name, (low, high) in cuts.items():
            if name not in self.cuts:
                known = list(self.cuts) or ["none"]
                raise UmbraError(unknown_word(f"process {self.name}: unknown cut '{name}'", name, known))
            if low is not None and high is not None and low >= high:
                raise UmbraError(f"process {self.name}: cut '{name}' is empty: {low:g}:{high:g}")
        for name in self.required_cuts:
            if name not in cuts:
                raise UmbraError(
                    f"process {self.name}: needs the cut '{name}', without it the cross-section diverges"
                )
            if not (cuts[name][0] or 0.0) > 0.0:
                raise UmbraError(f"process {self.name}: cut '{name}' needs a lower end above 0")
        for name in self.cuts_with_radiation if radiation else ():
            if not (cuts.get(name, (None, None))[0] or 0.0) > 0.0:
                raise UmbraError(
                    f"process {self.name}: with radiation it needs a lower end of the cut '{name}', "
                    "without it the cross-section diverges"
                )
