"""Reference tables (ROME, ESCO, Formacode, labels of evaluation): small readers, one per publisher."""
