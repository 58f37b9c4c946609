"""Archives that colleagues can use: a submission to HEPData, likelihoods of pyhf, limits as tables."""
