"""Decays of the particles that processes and external files leave undecayed."""
