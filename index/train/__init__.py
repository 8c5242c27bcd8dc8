"""Pairs, training and export of the model that ships."""
