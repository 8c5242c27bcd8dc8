"""What we know, and the questions a competency graph can answer. Imports nothing of ours."""
