"""When, how large, which way, and of what kind a burn was."""
