"""Text to vectors to neighbours to matches."""
