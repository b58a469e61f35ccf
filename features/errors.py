"""What can go wrong in computing features."""

from configs.errors import BurnwatchError


class FeatureError(BurnwatchError):
    """Base of every error that the package ``features`` raises."""


class MissingFieldError(FeatureError):
    """A history lacks fields that the features are made of."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(f"the history lacks {', '.join(missing)}: read it from the element store")
