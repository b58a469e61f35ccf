"""The analysts' desk in a browser, and its JSON API: parse, ask the review, show."""
