"""The words that channels, tables and figures share, each in one table: couplings and portals here.

A coupling or a portal is added here and nowhere else in the library. Titles are mathtext. The job graph is built with
this module, so: standard library only. The other words have tables of their own, so that a new one here computes no
limit again: statuses in `umbra.core.status`, search variables in `umbra.core.search_variables`, new particles in
`umbra.core.particles`, processes in `umbra.generation.processes.catalogue`, selections in `umbra.selection.options`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """Something that a limit is quoted in.

    Parameters
    ----------
    name
        As in tables; it ends with the unit (none: a pure number).
    title
        Axis title with its unit; a channel may give its own.
    convention
        How it is defined; empty where nothing has to be said.
    largest
        The largest value that it can have; `None` where there is none. No axis goes beyond it.
    """

    name: str
    title: str
    convention: str = ""
    largest: float | None = None


@dataclass(frozen=True, kw_only=True)
class Coupling(Quantity):
    """A quantity that is a coupling of the new particle.

    Parameters
    ----------
    portal
        The summary that its limits belong to, whichever channel they come from; `None`: to that of their channel.
    power
        Power in which it enters the rate of the signal.
    reference
        Value at which signals are generated, where a channel says nothing else.
    """

    portal: str | None = None
    power: Literal[1, 2, 4] = 2
    reference: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Portal:
    """A summary of limits.

    Parameters
    ----------
    name
        As in channels and published curves.
    title
        What it is.
    mass_axis
        Title of its mass axis.
    """

    name: str
    title: str
    mass_axis: str


_DARK_SECTOR = r"kinetic mixing $\varepsilon$, $\alpha_D = g_D^2/4\pi$"

#: Couplings by name, in the order of figures and tables.
COUPLINGS: Mapping[str, Coupling] = {
    each.name: each
    for each in (
        Coupling(
            name="g_agammagamma_per_gev",
            title=r"$g_{a\gamma\gamma}$ [GeV$^{\mathrm{-1}}$]",
            convention=r"$\mathcal{L} = -\frac{1}{4}\,g_{a\gamma\gamma}\,a\,F_{\mu\nu}\tilde{F}^{\mu\nu}$",
            portal="alp_photon",
            reference=1e-3,
        ),
        Coupling(
            name="epsilon",
            title=r"$\varepsilon$",
            convention=r"coupling $\varepsilon e$ to the electromagnetic current",
            reference=1e-3,
        ),
        Coupling(
            name="g_prime",
            title=r"$g^\prime$",
            convention=r"$L_\mu - L_\tau$ coupling $g^\prime$, not divided by $e$",
            portal="z_prime",
            reference=0.1,
        ),
        Coupling(
            name="g_s",
            title=r"$g_S$",
            convention=r"$\mathcal{L} = -g_S\,S\,\bar{\mu}\mu$",
            portal="scalar",
        ),
        Coupling(
            name="xi",
            title=r"$\xi$",
            convention=r"$\mathcal{L} = -\xi\,\sum_\ell (m_\ell/v)\,S\,\bar{\ell}\ell$, $v$ = 246.22 GeV",
            portal="scalar",
        ),
        Coupling(
            name="c_l_over_lambda_per_tev",
            title=r"$|C_{\ell\ell}|/\Lambda$ [TeV$^{\mathrm{-1}}$]",
            convention=r"$\mathcal{L} = (C_{\ell\ell}/2\Lambda)\,\partial_\mu a\,\bar{\ell}\gamma^\mu\gamma_5\ell$",
            portal="scalar",
        ),
        Coupling(
            name="epsilon2_alpha_d",
            title=r"$\varepsilon^2\alpha_D$",
            convention=_DARK_SECTOR,
            portal="dark_higgs",
            power=1,
            reference=1e-9,
        ),
        Coupling(
            name="y",
            title=r"$y = \varepsilon^2 \alpha_D (m_\chi/m_{A^\prime})^4$",
            convention=_DARK_SECTOR,
            portal="dark_photon_invisible",
            power=1,
        ),
        Coupling(
            name="sin_theta",
            title=r"$\sin\theta$",
            convention=r"mixing angle $\theta$ with the Higgs boson",
            largest=1.0,
            portal="dark_higgs",
            reference=1e-4,
        ),
        Coupling(
            name="g_aw_per_gev",
            title=r"$g_{aW}$ [GeV$^{\mathrm{-1}}$]",
            convention=r"$\mathcal{L} = -\frac{1}{4}\,g_{aW}\,a\,W_{\mu\nu}\tilde{W}^{\mu\nu}$",
            portal="alp_photon",
            reference=1e-5,
        ),
        Coupling(
            name="upsilon_invisible",
            title=r"$B(\Upsilon(1S)\to\mathrm{nothing})$",
            portal="meson",
            power=1,
            reference=1e-3,
            largest=1.0,
        ),
        Coupling(
            name="tau_e_alpha_ratio",
            title=r"$B(\tau\to e\alpha)/B(\tau\to e\nu\bar{\nu})$",
            portal="lepton_flavour",
            power=1,
            reference=1e-3,
        ),
        Coupling(
            name="tau_mu_alpha_ratio",
            title=r"$B(\tau\to\mu\alpha)/B(\tau\to\mu\nu\bar{\nu})$",
            portal="lepton_flavour",
            power=1,
            reference=1e-3,
        ),
    )
}

#: Titles of mass axes by the particle whose mass it is; `x` is whatever decays as it is said.
MASSES: Mapping[str, str] = {
    "aprime": r"$m_{A^\prime}$ [GeV]",
    "zprime": r"$m_{Z^\prime}$ [GeV]",
    "dark_higgs": r"$m_{h^\prime}$ [GeV]",
    "darkonium": r"$m_{\Upsilon_D}$ [GeV]",
    "scalar": "$m_S$ [GeV]",
    "alp": "$m_a$ [GeV]",
    "alpha": r"$m_\alpha$ [GeV]",
    "x": "$m_X$ [GeV]",
}

#: All that a limit can be quoted in, by name: rates, then couplings.
QUANTITIES: Mapping[str, Quantity] = {
    "yield": Quantity(name="yield", title="signal events"),
    "cross_section_fb": Quantity(name="cross_section_fb", title=r"$\sigma$ [fb]"),
    "visible_cross_section_fb": Quantity(
        name="visible_cross_section_fb",
        title=r"$\epsilon\,\sigma$ [fb]",
        convention=r"$\epsilon\,\sigma$: signal events in the window over the luminosity, whatever made them",
    ),
    "branching_fraction": Quantity(name="branching_fraction", title="branching fraction", largest=1.0),
    **COUPLINGS,
}

#: Portals by name, in the order of figures.
PORTALS: Mapping[str, Portal] = {
    each.name: each
    for each in (
        Portal(
            name="dark_photon_visible",
            title="dark photon, visible decays",
            mass_axis=r"$m_{A^\prime}$ [GeV]",
        ),
        Portal(
            name="dark_photon_invisible",
            title="dark photon, invisible decays",
            mass_axis=r"$m_{A^\prime}$ [GeV]",
        ),
        Portal(
            name="inelastic_dark_matter",
            title="inelastic dark matter",
            mass_axis=r"$m_{A^\prime}$ [GeV]",
        ),
        Portal(
            name="z_prime",
            title=r"$Z^\prime$ of $L_\mu - L_\tau$",
            mass_axis=r"$m_{Z^\prime}$ [GeV]",
        ),
        Portal(name="alp_photon", title="axion-like particle", mass_axis=r"$m_a$ [GeV]"),
        Portal(name="dark_higgs", title="dark Higgs boson", mass_axis="mass [GeV]"),
        Portal(
            name="scalar",
            title="scalars and pseudoscalars coupled to leptons",
            mass_axis="mass [GeV]",
        ),
        Portal(name="meson", title="meson decays", mass_axis="mass [GeV]"),
        Portal(
            name="lepton_flavour",
            title="lepton-flavour violation",
            mass_axis=r"$m_\alpha$ [GeV]",
        ),
    )
}

#: What figures call the backgrounds of `generation/data/pythia_samples.yaml`.
PYTHIA_TITLES: Mapping[str, str] = {
    "light_quarks": r"$u\bar{u}$, $d\bar{d}$, $s\bar{s}$",
    "charm": r"$c\bar{c}$",
    "charged_b": r"$B^+B^-$",
    "neutral_b": r"$B^0\bar{B}^0$",
}
