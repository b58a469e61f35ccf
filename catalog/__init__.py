"""What we know about objects: their element sets, names, owners, and the weather they fly in."""
