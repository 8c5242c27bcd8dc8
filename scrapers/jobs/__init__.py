"""What texts on jobs have in common: titles, sections, duties, pay."""
