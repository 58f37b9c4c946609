"""A synthetic channel: a peak over a falling spectrum, whose parts a test replaces one by one."""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from samples import made
from umbra.config.records import (
    Asimov,
    Axes,
    Category,
    Channel,
    Coupling,
    Detector,
    Interpretation,
    Limit,
    Luminosity,
    Masses,
    PeakFit,
    PublishedEfficiency,
    Reference,
    Sample,
    Segment,
    Selection,
    Significance,
    Systematics,
)
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.expectation import background, signal
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.channel import Expectation
from umbra.generation.decays import displaced
from umbra.generation.generated import Generated

E = TypeVar("E", bound=Expectation[Any])

LUMINOSITY_FB = 2.0
MACHINE = Machine("m", 5.29, 5.29)
CATEGORY = Category(
    name="peak", signal="x", backgrounds=("qed",), variable="mass_gev", hypotheses_gev=(1.0, 6.0)
)
COUPLING = Coupling(name="epsilon", reference=1e-3, power=2, convention="", y_label="")
MAIN = Interpretation(name="main", label="main", coupling=COUPLING)
#: Generated masses, events of each, and the efficiency of the selection.
MASSES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
GENERATED, EFFICIENCY = 20_000, 0.3
LIFETIMES = (0.004, 0.5, 5.0, 50.0, 5000.0)
#: Radii in mm between which a flying signal is seen, and its boost at each mass.
INNER, OUTER, BETA_GAMMA = 5.0, 1000.0, {1.0: 4.0, 2.0: 2.0, 3.0: 1.0}


#: Blocks of a channel that most tests leave as they are.
PLAIN: dict[str, Any] = {
    "produced": None,
    "lifetimes_mm": (),
    "significance": Significance(toys=10, chunk_toys=10),
    "data": Asimov(),
    "comparisons": (),
    "overlays": (),
    "quoted": (),
    "from_memory": (),
    "detector_from_memory": 0,
}


def category(**changes: Any) -> Category:
    """Copy the category with keys replaced."""
    return CATEGORY.model_copy(update=changes)


def reading(**changes: Any) -> Interpretation:
    """Copy the interpretation with keys replaced."""
    return MAIN.model_copy(update=changes)


def simulated(name: str, role: str = "background", process: str = "external", **changes: Any) -> Sample:
    """Build a sample of events that another generator made, or of a process."""
    blocks = {
        "name": name,
        "role": role,
        "origin": "external" if process == "external" else "matrix_element",
        "process": process,
        "machine": MACHINE,
        "generator": {},
        "events": 1000,
    }
    return Sample(**{**blocks, **changes})


def synthetic_channel(**changes: Any) -> Channel:
    """Build the channel; keywords replace its blocks."""
    blocks: dict[str, Any] = {
        **PLAIN,
        "name": "synthetic",
        "title": "synthetic",
        "portal": "dark_photon_visible",
        "experiment": "none",
        "reference": Reference(arxiv="0000.00000", citation="made up for tests"),
        "machine": MACHINE,
        "detector": Detector.model_construct(name="none"),
        "luminosity": Luminosity(luminosity_fb=LUMINOSITY_FB, relative_uncertainty=0.01),
        "masses": Masses(
            segments=(Segment(from_gev=1.0, to_gev=6.0, points=6, spacing_gev=((1.0, 1.0),)),),
            block_points=10,
            vetoed_gev=((4.9, 5.1),),
        ),
        "interpretations": (MAIN,),
        "samples": {"x": simulated("x", "signal"), "qed": simulated("qed")},
        "selection": Selection(name="none", options={}),
        "categories": (CATEGORY,),
        "fit": PeakFit(half_window_sigma=15.0, bin_sigma=0.5, background_degree=3),
        "systematics": Systematics(signal_efficiency_relative=0.05),
        "limit": Limit(method="cls", level=0.95),
        "axes": Axes(mass="m [GeV]"),
    }
    return Channel.model_construct(**{**blocks, **changes})


def changed(expectation: E, *, channel: dict[str, Any] | None = None, **parts: Any) -> E:
    """Copy an expectation with blocks of its channel, or parts of its own, replaced."""
    blocks = expectation.channel.model_copy(update=channel or {})
    return replace(expectation, channel=blocks, **parts)


def imposed(**changes: Any) -> PublishedEfficiency:
    """Build a published efficiency of 10 % at all masses."""
    return PublishedEfficiency(**{"values": ((1.0, 0.1), (6.0, 0.1)), "relative_to": "all", **changes})


def synthetic(**changes: Any) -> BinnedExpectation:
    """Build a peak over a falling spectrum; keywords replace blocks of the channel."""
    model = signal.build("mass_gev", sample(), records(), "test")
    edges = background.axis(model, (1.0, 6.0), None)
    middle = 0.5 * (edges[1:] + edges[:-1])
    falling = 0.3 * np.exp(-middle / 2.0) * np.diff(edges) / 0.02
    template = background.Template(edges, falling, 1e-4 * falling, falling)
    return BinnedExpectation(
        synthetic_channel(**changes), {"peak": {"x": model}}, {"peak": {"qed": template}}
    )


def width(mass: float) -> float:
    """Resolution of the synthetic signal in GeV."""
    return 0.01 + 0.005 * mass


def records(masses=MASSES, correction: float = 1.0) -> list[Generated]:
    """Say what was generated: the lowest-order cross-section in pb is the mass in GeV."""
    return [
        made(mass_gev=m, weight=float(GENERATED), cross_section_pb=correction * m, born_pb=float(m))
        for m in masses
    ]


def sample(masses=MASSES, wrong_per_event: int = 0) -> dict[str, np.ndarray]:
    """Draw Gaussian candidates at each mass, and wrong ones in the same events."""
    rng = generator("signal model", wrong_per_event)
    columns: dict[str, list[np.ndarray]] = {
        name: [] for name in ("mass_gev", "weight", "event", "generated_mass_gev")
    }
    for i, mass in enumerate(masses):
        selected = rng.random(GENERATED) < EFFICIENCY
        n = int(selected.sum())
        values = [
            rng.normal(mass, width(mass), n),
            *(rng.uniform(0.0, 10.0, n) for _ in range(wrong_per_event)),
        ]
        columns["mass_gev"].append(np.concatenate(values))
        columns["event"].append(np.tile(np.arange(n) + i * GENERATED, 1 + wrong_per_event))
    sizes = [len(c) for c in columns["mass_gev"]]
    columns["weight"] = [np.ones(n) for n in sizes]
    columns["generated_mass_gev"] = [np.full(n, m) for n, m in zip(sizes, masses, strict=True)]
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def flying() -> dict[str, np.ndarray]:
    """Candidates that decayed between two radii, from decay lengths that are uniform in their logarithm."""
    parts = []
    for mass, beta_gamma in BETA_GAMMA.items():
        rng = generator("flying", mass)
        proper = displaced.draw_proper_lengths(GENERATED, displaced.DEFAULT_RANGE_MM, rng)
        seen = (proper * beta_gamma > INNER) & (proper * beta_gamma < OUTER)
        n = int(seen.sum())
        parts.append(
            {
                "mass_gev": rng.normal(mass, width(mass), n),
                "weight": np.ones(n),
                "event": np.arange(n) + int(mass) * GENERATED,
                "generated_mass_gev": np.full(n, mass),
                "generated_proper_length_mm": proper[seen],
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
