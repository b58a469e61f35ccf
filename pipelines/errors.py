"""What can go wrong in a run as a whole."""

from configs.errors import BurnwatchError


class PipelineError(BurnwatchError):
    """Base of every error that the package ``pipelines`` raises; its message is one line that says what to do."""
