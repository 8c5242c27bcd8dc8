"""Helpers of the sources that read nomenclatures."""
