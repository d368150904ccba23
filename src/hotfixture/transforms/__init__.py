"""Record batch in, record batch out: mask, policy, lineage, subset, shape. No I/O."""
