"""Element histories in, documented feature columns out."""
