"""Re-derivation of dark-sector exclusion limits of e+e- colliders."""
