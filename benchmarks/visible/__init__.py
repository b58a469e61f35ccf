"""What is plain to see without any log, held against the flags of a home: ``python -m benchmarks.visible HOME``.

Neither features nor detectors of the product take part in the truths: they are made from the stored element sets alone. Rows of passive
objects (debris, rocket bodies) are their control, and what is flagged of them that of the flags.
"""
