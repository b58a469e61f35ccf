"""When was the burn, how large, which way, and of what kind?"""
