"""The parts of a parametrised detector; `umbra.detectors` puts them together."""
