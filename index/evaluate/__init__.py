"""Measured quality of matching, and the floors that keep it."""
