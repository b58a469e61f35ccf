"""How good is a detector: labels, protocol, figures."""
