"""One module per kind of document; found by `scrapers.discovery`, never imported by one another."""
