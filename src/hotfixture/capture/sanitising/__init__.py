"""What is taken out of a recording before it touches a disk: secrets and people, replaced by consistent surrogates."""
