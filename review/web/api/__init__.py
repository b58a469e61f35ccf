"""The JSON API of the desk under ``/api/v1``: an application of its own, with its own document and its own answers to failure."""
