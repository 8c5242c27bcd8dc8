"""Parts of a référentiel, in each of its layouts."""
