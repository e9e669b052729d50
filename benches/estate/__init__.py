"""A made-up directory and roster of any size, the same for the same seed, size and numpy version."""
