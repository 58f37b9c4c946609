"""How an own model is written down: `config/models/<model>.yaml`, read by `umbra recast`.

Imported beside the other records of the configuration, so: standard library and pydantic only.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from umbra.config import yaml
from umbra.config.plane_axes import Plane
from umbra.core.records import (
    Fraction,
    Interval,
    NotNegativeFloat,
    OneOrMore,
    PositiveFloat,
    Record,
    Source,
    rising,
    validated,
)


class Leptons(Record):
    """A number for each charged lepton.

    Parameters
    ----------
    electron, muon, tau
        Its own; zero where nothing is said.
    """

    electron: float = 0.0
    muon: float = 0.0
    tau: float = 0.0


class Charges(Leptons):
    """Charge of each fermion under the new vector.

    Parameters
    ----------
    electron, muon, tau, electron_neutrino, muon_neutrino, tau_neutrino, up, down, strange, charm, bottom
        Its own; zero where nothing is said. Neutrinos are left-handed.
    """

    electron_neutrino: float = 0.0
    muon_neutrino: float = 0.0
    tau_neutrino: float = 0.0
    up: float = 0.0
    down: float = 0.0
    strange: float = 0.0
    charm: float = 0.0
    bottom: float = 0.0


class VectorBlock(Record):
    """A vector with vector couplings: g times the charge of each fermion.

    Parameters
    ----------
    spin
        `vector`.
    charges
        In units of the coupling.
    times
        `elementary_charge` multiplies all charges with e, as for a kinetic mixing.
    kinetic_mixing
        Mixing with the photon per unit of the coupling, such as that of a loop: adds its e times the electric charges.
    """

    spin: Literal["vector"]
    charges: Charges
    times: Literal["one", "elementary_charge"] = "one"
    kinetic_mixing: float = 0.0


class ScalarBlock(Record):
    """A scalar.

    Parameters
    ----------
    spin
        `scalar`.
    yukawas
        Coupling to each charged lepton, in units of the coupling.
    mass_proportional
        In the place of `yukawas`: m/v of the charged `leptons`, or of all `fermions`, as of a mixed Higgs boson.
    photon_per_gev
        Coupling -(g/4) S F F to photons.
    """

    spin: Literal["scalar"]
    yukawas: Leptons | None = None
    mass_proportional: Literal["leptons", "fermions"] | None = None
    photon_per_gev: float = 0.0

    @model_validator(mode="after")
    def _says_one_of_both(self) -> Self:
        if (self.yukawas is None) == (self.mass_proportional is None):
            raise ValueError("a scalar has either yukawas or mass_proportional")
        return self


class PseudoscalarBlock(Record):
    """A pseudoscalar, such as an axion-like particle.

    Parameters
    ----------
    spin
        `pseudoscalar`.
    leptons_per_tev
        C/Lambda of each charged lepton in (C/2 Lambda) d_mu a lbar gamma^mu gamma5 l, in units of the coupling.
    photon_per_gev, weak_per_gev
        Couplings to photons and to W bosons in -(1/4) a (F Ftilde, W Wtilde), in units of the coupling.
    """

    spin: Literal["pseudoscalar"]
    leptons_per_tev: Leptons = Leptons()
    photon_per_gev: float = 0.0
    weak_per_gev: float = 0.0


class DarkMatter(Record):
    """Dark matter that the particle decays to, by a coupling of its own.

    Parameters
    ----------
    kind
        `dirac` fermion, or complex `scalar` (of a vector only).
    mass_gev, mass_ratio
        Its mass, or that in units of the particle's; one of both.
    coupling
        Of the particle to it; it does not change with the coupling that limits are set on.
    """

    kind: Literal["dirac", "scalar"] = "dirac"
    mass_gev: NotNegativeFloat | None = None
    mass_ratio: NotNegativeFloat | None = None
    coupling: PositiveFloat

    @model_validator(mode="after")
    def _has_one_mass(self) -> Self:
        if (self.mass_gev is None) == (self.mass_ratio is None):
            raise ValueError("dark matter has either mass_gev or mass_ratio")
        return self


class DecayTable(Record):
    """Width and branching fractions against mass, in the place of what follows from the couplings.

    Parameters
    ----------
    mass_gev
        Rows; nothing is known beyond the first and the last.
    width_gev
        Total width at a coupling of one.
    fractions
        Final state -> branching fraction in each row. What is missing from a sum of one is seen by no search.
    """

    mass_gev: Annotated[OneOrMore[PositiveFloat], AfterValidator(rising)]
    width_gev: OneOrMore[PositiveFloat]
    fractions: dict[
        Literal["ee", "mumu", "tautau", "gammagamma", "invisible", "hadrons", "pipi", "kk"],
        OneOrMore[Fraction],
    ]

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        rows = len(self.mass_gev)
        for name, column in (("width_gev", self.width_gev), *self.fractions.items()):
            if len(column) != rows:
                raise ValueError(f"{name}: {len(column)} entries for {rows} masses")
        whole = [column for name, column in self.fractions.items() if name not in ("pipi", "kk")]
        for mass, *row in zip(self.mass_gev, *whole, strict=True):
            if sum(row) > 1.0 + 1e-6:
                raise ValueError(f"fractions: they add up to {sum(row):g} at {mass:g} GeV")
        return self


class ModelCoupling(Record):
    """The coupling g that limits are set on; every other one is proportional to it.

    Parameters
    ----------
    name
        In tables, with its unit at the end; none: a pure number.
    title
        Axis title, with mathtext.
    convention
        Lagrangian.
    largest
        Beyond which the model has no sense; no axis shows more.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    convention: str
    largest: PositiveFloat | None = None


class ModelFile(Record):
    """A model of one new particle.

    Parameters
    ----------
    title
        What figures call it, in Unicode or mathtext.
    source
        Where the model is from, and what was assumed.
    coupling
        That limits are set on.
    couples
        To what, at a coupling of one.
    dark_matter
        That it decays to.
    decays
        Table in the place of calculated decays.
    valid_gev
        Masses between which the model is asked; all without it.
    plane
        Two parameters that `umbra recast MODEL --plane` scans.
    """

    title: str
    source: Source
    coupling: ModelCoupling
    couples: VectorBlock | ScalarBlock | PseudoscalarBlock = Field(discriminator="spin")
    dark_matter: DarkMatter | None = None
    decays: DecayTable | None = None
    valid_gev: Interval | None = None
    plane: Plane | None = None

    @model_validator(mode="after")
    def _decays_once(self) -> Self:
        if self.decays is not None and self.dark_matter is not None:
            raise ValueError(
                "decays: a table has the fraction of invisible decays itself; leave dark_matter out"
            )
        return self


def load(path: Path) -> ModelFile:
    """Read a model.

    Raises
    ------
    UmbraError
        For anything that is wrong: one sentence with file, key and value.
    """
    return validated(ModelFile, yaml.read(path).content, path)
