"""Search variables: the columns of skims in which a new particle peaks.

What they are of its mass is computed in `umbra.core.variables`; the job graph is built with this table, so: standard
library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A search variable: a column of the skim in which a new particle peaks.

    Parameters
    ----------
    name
        Name of the column, which ends with its unit.
    title
        Axis title.
    measures
        What it is of the particle's mass (`umbra.core.variables.position`). With `nothing` candidates pile up at 0
        whatever the mass, and only bins of a paper can be fitted.
    threshold_power
        Power of the variable with which any smooth background vanishes at 0, for variables that end there: the reduced
        mass is twice the momentum of the muons in the frame of the pair, whose phase space grows as its square.
    """

    name: str
    title: str
    measures: Literal["mass", "mass_squared", "reduced_mass", "nothing"] = "mass"
    threshold_power: int = 0


#: Search variables by name.
VARIABLES: Mapping[str, Variable] = {
    each.name: each
    for each in (
        Variable(name="m2_pair_gev2", title=r"$M^2_{\gamma\gamma}$ [GeV$^2$]", measures="mass_squared"),
        Variable(name="m2_recoil_gev2", title=r"$M^2_\mathrm{recoil}$ [GeV$^2$]", measures="mass_squared"),
        Variable(
            name="m2_invisible_gev2",
            title=r"$M^2_\alpha$ in the pseudo-rest frame [GeV$^2$]",
            measures="mass_squared",
        ),
        Variable(
            name="q2_gev2",
            title=r"$q^2 = s/4 + m_K^2 - \sqrt{s}\,E^*_K$ [GeV$^2$]",
            measures="mass_squared",
        ),
        Variable(name="m2_missing_gev2", title=r"$m^2_\mathrm{miss}$ [GeV$^2$]", measures="mass_squared"),
        Variable(name="ecal_energy_gev", title=r"$E_\mathrm{ECAL}$ [GeV]", measures="nothing"),
        Variable(name="mass_gev", title="mass of the pair [GeV]"),
        Variable(name="hadron_mass_gev", title=r"$m_\mathrm{hadrons}$ [GeV]"),
        Variable(name="mass2_gev", title=r"$m_{h^\prime}$ [GeV]"),
        Variable(name="mass_six_gev", title="$m_6$ [GeV]"),
        Variable(name="mass_dimuon_gev", title=r"$m_{\mu\mu}$ [GeV]"),
        Variable(name="m_recoil_gev", title=r"$M_\mathrm{recoil}$ [GeV]"),
        Variable(name="diphoton_mass_gev", title=r"$m_{\gamma\gamma}$ [GeV]"),
        Variable(
            name="reduced_mass_gev",
            title=r"$\sqrt{m_{\mu\mu}^2 - 4 m_\mu^2}$ [GeV]",
            measures="reduced_mass",
            threshold_power=2,
        ),
    )
}
