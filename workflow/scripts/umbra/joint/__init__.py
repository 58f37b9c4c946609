"""Several channels in one likelihood, with nuisance parameters that they share."""
