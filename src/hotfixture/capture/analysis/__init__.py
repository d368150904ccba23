"""What recorded sessions tell: how often, how fast, how reliable, in what patterns, and whether it gets worse."""
