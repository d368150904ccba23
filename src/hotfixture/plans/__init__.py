"""What a user asked for: the template, the finished plan, the package, the run."""
