"""Settings of the web sources of element sets."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from configs.section import Section


def _safe_base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an https:// address")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must be https:// unless the host is this machine")
    if parts.username or parts.password:
        raise ValueError("must hold no user name or password; those come from the environment")
    return url if url.endswith("/") else url + "/"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


BaseUrl = Annotated[str, AfterValidator(_safe_base_url)]


class RetryConfig(Section):
    """How often and how patiently a failed request is repeated."""

    attempts: int = Field(default=3, ge=1, le=10, description="Requests in all, the first included")
    wait_initial_s: float = Field(
        default=2.0, ge=0, description="Wait before the second request, doubled for each later one [s]"
    )
    wait_max_s: float = Field(
        default=60.0, ge=0, description="Longest wait; a Retry-After beyond it ends the attempts [s]"
    )
    wait_jitter_s: float = Field(default=1.0, ge=0, description="Random addition to each wait, up to this [s]")
    total_s: float = Field(default=300.0, gt=0, description="No new attempt after this time [s]")
    statuses: tuple[int, ...] = Field(
        default=(429, 500, 502, 503, 504),
        description="HTTP statuses that are asked again, 429 only after the wait its Retry-After names; failed connections always are",
    )


class HttpConfig(Section):
    """Limits of one request."""

    connect_timeout_s: float = Field(default=15.0, gt=0, description="Longest wait for a connection [s]")
    read_timeout_s: float = Field(default=60.0, gt=0, description="Longest silence inside an answer [s]")
    answer_timeout_s: float = Field(default=600.0, gt=0, description="Longest time for a whole answer [s]")
    max_answer_mb: float = Field(default=200.0, gt=0, description="Largest answer, after decompression [MiB]")


class CelestrakConfig(Section):
    """CelesTrak's GP and SupGP queries (https://celestrak.org/NORAD/documentation/gp-data-formats.php)."""

    base_url: BaseUrl = Field(default="https://celestrak.org/NORAD/elements/", description="Folder of gp.php")
    format: str = Field(
        default="json", pattern="^(json|csv|xml|kvn|tle|2le)$", description="FORMAT asked for; TLE ends at 99999"
    )
    min_interval_h: float = Field(
        default=2.0, ge=2.0, description="Shortest time between two fetches of one query: CelesTrak's rule [h]"
    )
    hold_h: float = Field(
        default=6.0, ge=2.0, description="Time without any request after CelesTrak refused one (403, 429) [h]"
    )
    http: HttpConfig = Field(default=HttpConfig(), description="Limits of one request")
    # CelesTrak's usage policy (2026-05): software must stop at any status other than 200, or its address gets blocked.
    retry: RetryConfig = Field(default=RetryConfig(statuses=(429,)), description="Repetition of failed requests")


class SpaceTrackConfig(Section):
    """Space-Track's gp and gp_history classes (https://www.space-track.org/documentation#api)."""

    base_url: BaseUrl = Field(default="https://www.space-track.org/", description="Address of Space-Track")
    requests_per_minute: int = Field(
        default=28, ge=1, le=29, description="Requests of all processes in a minute; the limit is 30"
    )
    requests_per_hour: int = Field(
        default=290, ge=1, le=299, description="Requests of all processes in an hour; the limit is 300"
    )
    min_interval_h: float = Field(
        default=1.0, ge=1.0, description="Shortest time between two fetches of current sets [h]"
    )
    hold_h: float = Field(
        default=1.0, ge=1.0, description="Time without any request after Space-Track refused one (403, 429) [h]"
    )
    ids_per_request: int = Field(default=50, ge=1, le=500, description="Objects in one request of history")
    window_days: int = Field(default=90, ge=1, le=3660, description="Epochs in one request of history [days]")
    settled_after_days: float = Field(
        default=7.0,
        gt=0,
        description="Age at which a span of epochs gets no more sets and is not asked for again [days]",
    )
    http: HttpConfig = Field(default=HttpConfig(), description="Limits of one request")
    retry: RetryConfig = Field(default=RetryConfig(), description="Repetition of failed requests")


class SpaceTrackLogin(BaseSettings):
    """Login at Space-Track, from ``SPACETRACK_USER`` and ``SPACETRACK_PASSWORD``; never in a file of settings."""

    model_config = SettingsConfigDict(env_prefix="SPACETRACK_", frozen=True)

    user: SecretStr | None = Field(default=None, description="Space-Track user name")
    password: SecretStr | None = Field(default=None, description="Space-Track password")
