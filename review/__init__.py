"""What an analyst sees and settles: flags, reports, exports."""
