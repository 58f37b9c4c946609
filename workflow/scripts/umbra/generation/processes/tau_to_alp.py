"""e+e- -> tau+ tau-, tau- -> l- alpha: an invisible boson in place of two neutrinos.

The boson is a pseudoscalar or scalar without preferred chirality: its decay is isotropic and knows nothing of the spins
of the pair. The weight is the branching fraction; the coupling is its ratio to that of tau -> l nu nu. The tau+ comes
out undecayed. Decays of the tau+ are the mirror image, and a search counts its taus.
"""

from typing import ClassVar

import numpy as np

from umbra.core.constants import ELECTRON, LEPTON_MASS_GEV, MUON, TAU, TAU_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, two_body_decay
from umbra.core.particles import ALP
from umbra.generation.processes.annihilation import TauTau
from umbra.generation.processes.catalogue.tau_to_alp import TAU_TO_ELECTRON_ALP, TAU_TO_MUON_ALP
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process
from umbra.theory import tables


class _TauToAlp(Process):
    """What both leptons have in common."""

    dimensions = 4
    lepton: ClassVar[int]
    #: The decay to the same lepton and neutrinos, by its name in `theory/data/tau.yaml`.
    reference: ClassVar[str]

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """The other tau, the lepton and the boson."""
        return (-TAU, self.lepton, ALP)

    def check_threshold(self, sqrt_s_gev: float, parameters: Parameters) -> None:
        """Refuse energies below the threshold of the pair, and masses that the tau cannot decay to."""
        if sqrt_s_gev <= 2.0 * TAU_MASS_GEV:
            raise UmbraError(f"process {self.name}: sqrt(s) = {sqrt_s_gev:g} GeV is below that of a tau pair")
        limit = TAU_MASS_GEV - LEPTON_MASS_GEV[self.lepton]
        if parameters["mass_gev"] >= limit:
            raise UmbraError(
                f"process {self.name}: mass {parameters['mass_gev']:g} GeV is above the kinematic limit of "
                f"{limit:g} GeV"
            )

    def threshold_gev(self, parameters: Parameters, cuts: Cuts) -> float:
        """Mass of the pair of taus."""
        return 2.0 * TAU_MASS_GEV

    def closed_form(self, sqrt_s_gev: float, parameters: Parameters, cuts: Cuts) -> float | None:
        """Branching fraction."""
        return self._fraction(parameters)

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`; the weight is the branching fraction."""
        taus, _ = TauTau().evaluate(x[:, :2], sqrt_s_gev, {}, {})
        masses = LEPTON_MASS_GEV[self.lepton], parameters["mass_gev"]
        angles = 2.0 * x[:, 2] - 1.0, 2.0 * np.pi * x[:, 3]
        lepton, boson = two_body_decay(taus[:, 0], *masses, *angles)
        return np.stack([taus[:, 1], lepton, boson], axis=1), np.full(len(x), self._fraction(parameters))

    def _fraction(self, parameters: Parameters) -> float:
        return parameters["coupling"] * float(tables.load("tau")["branching_fractions"][self.reference])


class TauToElectronAlp(_TauToAlp):
    """tau- -> e- alpha."""

    entry = TAU_TO_ELECTRON_ALP
    lepton = ELECTRON
    reference = "enunu"


class TauToMuonAlp(_TauToAlp):
    """tau- -> mu- alpha."""

    entry = TAU_TO_MUON_ALP
    lepton = MUON
    reference = "mununu"
