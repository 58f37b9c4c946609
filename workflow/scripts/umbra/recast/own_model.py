"""A model of one's own at work: from its record to couplings, widths and what a rate means of its coupling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from umbra.config.model_file import (
    DarkMatter,
    ModelFile,
    PseudoscalarBlock,
    ScalarBlock,
    VectorBlock,
)
from umbra.core.constants import HBARC_GEV_MM
from umbra.core.errors import UmbraError
from umbra.theory import tables
from umbra.theory.currents import HadronicCurrents
from umbra.theory.hadronic_ratio import HadronicRatio
from umbra.theory.model import Model
from umbra.theory.scalar import HiggsPortalScalar
from umbra.theory.vertices import (
    CHARGES,
    ELEMENTARY_CHARGE,
    LEPTON_MASSES_GEV,
    HiggsLikeDecays,
    SpinlessDecays,
    TabulatedDecays,
    VectorDecays,
    Vertices,
    dark_width_gev,
    proportional_to_mass,
)

GEV_PER_TEV = 1e3


@dataclass(frozen=True)
class OwnModel:
    """A model at a coupling of one, and what does not depend on it.

    Parameters
    ----------
    file
        As it is written.
    vertices
        Its couplings.
    decays
        To the Standard Model, or by a table; widths are proportional to the square of the coupling.
    """

    file: ModelFile
    vertices: Vertices
    decays: Model

    def width_gev(self, mass_gev: float) -> float:
        """Width at a coupling of one, without dark matter."""
        return float(self.decays.width_gev(mass_gev, 1.0))

    def partial_width_gev(self, mass_gev: float, final_state: str) -> float:
        """Part of it; zero for a final state that the model does not have."""
        if final_state not in (*self.decays.final_states, *self.decays.parts):
            return 0.0
        return float(self.decays.partial_width_gev(mass_gev, final_state, 1.0))

    def dark_width_gev(self, mass_gev: float) -> float:
        """Width to dark matter, whatever the coupling is."""
        matter = self.file.dark_matter
        if matter is None:
            return 0.0
        mass = _matter_gev(matter, mass_gev)
        return float(dark_width_gev(self.vertices.spin, mass_gev, mass, matter.kind, matter.coupling))

    def branching_fraction(self, mass_gev: float, final_state: str, coupling: float = 1.0) -> float:
        """Branching fraction; it depends on the coupling only where there is dark matter.

        Raises
        ------
        UmbraError
            Where nothing can decay.
        """
        dark, squared = self.dark_width_gev(mass_gev), coupling**2
        total = squared * self.width_gev(mass_gev) + dark
        if total <= 0.0:
            raise UmbraError(f"{self.file.title}: no decay is open at a mass of {mass_gev:g} GeV")
        part = squared * self.partial_width_gev(mass_gev, final_state)
        return (part + (dark if final_state == "invisible" else 0.0)) / total

    def total_width_gev(self, mass_gev: float, coupling: float) -> float:
        """Width with everything."""
        return coupling**2 * self.width_gev(mass_gev) + self.dark_width_gev(mass_gev)

    def ctau_mm(self, mass_gev: float, coupling: float) -> float:
        """Mean proper decay length in mm; infinite for a particle that cannot decay."""
        width = self.total_width_gev(mass_gev, coupling)
        return HBARC_GEV_MM / width if width > 0.0 else float("inf")

    def covers(self, mass_gev: float) -> bool:
        """Whether the model is asked at this mass."""
        valid = self.file.valid_gev
        rows = None if self.file.decays is None else self.file.decays.mass_gev
        return (valid is None or valid[0] <= mass_gev <= valid[1]) and (
            rows is None or rows[0] <= mass_gev <= rows[-1]
        )


def build(file: ModelFile) -> OwnModel:
    """Put a model together."""
    vertices, table = vertices_of(file.couples), file.decays
    if table is not None:
        fractions = {str(name): column for name, column in table.fractions.items()}
        decays: Model = TabulatedDecays(table.mass_gev, table.width_gev, fractions)
    else:
        decays = _DECAYS[file.couples.spin](vertices)
    model = OwnModel(file, vertices, decays)
    model.dark_width_gev(1.0)  # refuses dark matter that the particle cannot decay to
    return model


@cache
def currents() -> HadronicCurrents:
    """Hadronic currents of the tables of the library."""
    ratio = HadronicRatio(tables.load("dark_photon"), tables.load("hadronic_ratio"))
    return HadronicCurrents(ratio, tables.load("current_shares"))


def _of_vector(vertices: Vertices) -> Model:
    return VectorDecays(vertices, currents())


def _of_scalar(vertices: Vertices) -> Model:
    if vertices.higgs_like:
        return HiggsLikeDecays(vertices, HiggsPortalScalar(tables.load("higgs_portal_scalar")))
    return SpinlessDecays(vertices)


#: Spin -> decays that follow from the couplings.
_DECAYS: Mapping[str, Callable[[Vertices], Model]] = {
    "vector": _of_vector,
    "scalar": _of_scalar,
    "pseudoscalar": SpinlessDecays,
}


def vertices_of(block: VectorBlock | ScalarBlock | PseudoscalarBlock) -> Vertices:
    """Couplings that a file describes."""
    if isinstance(block, VectorBlock):
        unit = ELEMENTARY_CHARGE if block.times == "elementary_charge" else 1.0
        charges = block.charges.model_dump()
        mixed = block.kinetic_mixing * ELEMENTARY_CHARGE
        return Vertices("vector", {name: unit * charges[name] + mixed * CHARGES[name] for name in CHARGES})
    if isinstance(block, ScalarBlock):
        yukawas = proportional_to_mass() if block.yukawas is None else block.yukawas.model_dump()
        higgs = block.mass_proportional == "fermions"
        return Vertices("scalar", yukawas, photon_per_gev=block.photon_per_gev, higgs_like=higgs)
    strengths = block.leptons_per_tev.model_dump()
    return Vertices(
        "pseudoscalar",
        {name: strengths[name] * mass / GEV_PER_TEV for name, mass in LEPTON_MASSES_GEV.items()},
        photon_per_gev=block.photon_per_gev,
        weak_per_gev=block.weak_per_gev,
    )


def coupling_at(power: float, effective: tuple[float, float], total: tuple[float, float]) -> float | None:
    """Coupling at which a search is at its limit.

    The rate is x (x a + b) / (x c + d), x the square of the coupling: production times the branching fraction.

    Parameters
    ----------
    power
        Rate at the limit, R.
    effective
        a and b: visible width at a coupling of one and that which does not depend on it, weighted with production.
    total
        c and d: the same of the total width.

    Returns
    -------
    float or None
        Coupling; `None` where no coupling makes such a rate.
    """
    (a, b), (c, d) = effective, total
    linear = b - power * c
    if d == 0.0 and a > 0.0:
        return float(np.sqrt(power * c / a))
    if a == 0.0:
        return float(np.sqrt(power * d / linear)) if linear > 0.0 else None
    # The form of the root that does not cancel.
    root = float(np.sqrt(linear**2 + 4.0 * a * power * d))
    squared = 2.0 * power * d / (linear + root) if linear > 0.0 else (root - linear) / (2.0 * a)
    return float(np.sqrt(squared))


def _matter_gev(matter: DarkMatter, mass_gev: float) -> float:
    if matter.mass_gev is not None:
        return matter.mass_gev
    assert matter.mass_ratio is not None  # the record has one of both
    return matter.mass_ratio * mass_gev
