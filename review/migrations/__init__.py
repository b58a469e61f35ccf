"""Migrations of the flag database, run by `review.database.migrate`."""
