"""What else than a maneuver may have made an event."""
