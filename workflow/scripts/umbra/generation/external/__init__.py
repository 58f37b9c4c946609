"""Samples made by other generators: LHE and HepMC3."""
