"""Playing back what was recorded: matching, sequences, misses, and a network that is closed."""
