"""Bytes in, records out: the readers of every kind of document."""
