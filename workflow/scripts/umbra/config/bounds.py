"""How much a channel may ask for: what is beyond is a slip, or more than any machine can do."""

from typing import Annotated

from pydantic import Field

#: Points of a grid, or of a plane, and jobs that share them.
MOST_POINTS, MOST_JOBS = 100_000, 10_000
#: Points times lifetimes times interpretations: workspaces of a channel.
MOST_HYPOTHESES = 1_000_000
#: Events of a sample, those of all its masses together; pseudo-experiments, and the files of either (three digits).
MOST_EVENTS, MOST_TOYS, MOST_CHUNKS = 1_000_000_000, 1_000_000, 1000

Points = Annotated[int, Field(ge=1, le=MOST_POINTS)]
Events = Annotated[int, Field(ge=1, le=MOST_EVENTS)]
Toys = Annotated[int, Field(ge=1, le=MOST_TOYS)]
#: In 1/fb: twenty times what the largest collider of electrons and positrons is planned for.
LuminosityFb = Annotated[float, Field(gt=0.0, le=1.0e6)]
#: Particles of one kind that any experiment has produced.
Produced = Annotated[float, Field(gt=0.0, le=1.0e15)]
#: A coupling or a mixing, without unit or in 1/GeV.
CouplingValue = Annotated[float, Field(gt=0.0, le=1.0e6)]
#: Half a window, in resolutions.
WindowSigma = Annotated[float, Field(gt=0.0, le=100.0)]
#: In GeV; no collider of electrons and positrons reaches the largest.
MassGev = Annotated[float, Field(gt=0.0, le=1.0e4)]
