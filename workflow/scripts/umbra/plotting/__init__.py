"""Figures: each as PDF, PNG and the plotted numbers as CSV."""
