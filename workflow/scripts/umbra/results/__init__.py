"""Tables of limits, and the regions that are excluded."""
