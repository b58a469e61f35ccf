"""Settings of reading and storing element sets."""

from pydantic import Field

from configs.section import Section


class IngestConfig(Section):
    """What is read from files, and the limits that keep a hostile file from filling the memory."""

    imputed_latency_hours: float = Field(
        default=6.0, ge=0.0, description="Time from epoch to availability where nothing says when a set came out [h]"
    )
    max_file_bytes: int | None = Field(
        default=None,
        gt=0,
        description="Largest file after decompression; none by default, two-line sets are read in pieces [bytes]",
    )
    max_document_bytes: int = Field(
        default=1 << 28, gt=0, description="Largest OMM document (JSON, CSV, XML, KVN) after decompression [bytes]"
    )
    max_line_bytes: int = Field(
        default=1 << 16, ge=256, description="Longest line of a TLE, CSV or KVN file that is looked at [bytes]"
    )
    max_compression_ratio: float = Field(
        default=200.0,
        gt=1.0,
        description="Decompressed over compressed size above which a file is taken for a bomb [-]",
    )
    max_archive_members: int = Field(default=10_000, gt=0, description="Most members of a zip or tar archive [count]")
    max_refused_per_file: int = Field(
        default=10_000,
        gt=0,
        description="Refused records of one file that are kept one by one; the rest is counted [count]",
    )
    chunk_bytes: int = Field(default=1 << 20, ge=1024, description="Size of the pieces in which a file is read [bytes]")


class StoreConfig(Section):
    """Layout of the element-set store."""

    buckets: int = Field(
        default=64,
        ge=1,
        le=4096,
        description="Folders over which objects are spread; fixed when a store is made [count]",
    )
    row_group_rows: int = Field(
        default=16_384, ge=128, description="Rows of a Parquet row group, the least that is read of a part [count]"
    )
    max_ahead_days: float = Field(
        default=5.0,
        gt=0,
        description="An epoch further ahead of the clock is refused, and not seen where it is stored; simulated ones apart [days]",
    )
    lock_timeout_s: float = Field(default=60.0, ge=0.0, description="How long a writer waits for another writer [s]")
