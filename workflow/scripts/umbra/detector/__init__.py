"""The parts of a parametrised detector; `umbra.detector.detector` puts them together."""
