"""The physics, and nothing else: numpy and sgp4, arrays in, arrays out."""
