"""Events: processes, decays, radiation, sampling, and those of other generators."""
