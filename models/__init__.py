"""Models as code, never binaries: detect a burn, characterize it, assess how unexpected it is."""
