"""Settings of the analysts' desk: who gets in, for how long, from where, and what it points to."""

from __future__ import annotations

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from configs.section import Section


class DeskConfig(Section):
    """How the analysts' desk lets people in and shows what it has."""

    public_url: str = Field(
        default="",
        description="Address under which people open the desk, as https://desk.example.org; empty where it is only used "
        "on its own machine. With https the session's cookie is sent over nothing else.",
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        description="Further host names under which it answers; those of the loopback and of public_url always work",
    )
    session_idle_hours: float = Field(
        default=2.0, gt=0.0, description="A login ends when nothing was asked for this long [h]"
    )
    session_hours: float = Field(default=12.0, gt=0.0, description="A login ends after this long in any case [h]")
    token_days: float = Field(default=90.0, gt=0.0, description="A token for programs ends after this long [d]")
    passphrase_characters: int = Field(default=12, ge=8, description="Characters that a password has at least")
    scrypt_log2_n: int = Field(
        default=15, ge=14, le=20, description="Work of hashing a password: base-2 logarithm of scrypt's N (r = 8)"
    )
    scrypt_p: int = Field(default=3, ge=1, le=16, description="Work of hashing a password: scrypt's p")
    lockout_failures: int = Field(
        default=5, ge=1, description="Failed logins with one name after which the next has to wait"
    )
    lockout_address_failures: int = Field(
        default=30, ge=1, description="Failed logins from one address within an hour after which the next has to wait"
    )
    lockout_first_s: float = Field(
        default=15.0, gt=0.0, description="The first wait; each further failure doubles it [s]"
    )
    lockout_longest_s: float = Field(default=900.0, gt=0.0, description="The longest wait [s]")
    body_mb: float = Field(
        default=16.0,
        gt=0.0,
        description="What a file of labels that is sent to the desk may hold at most [MB]; other requests send less",
    )
    proxy_addresses: tuple[str, ...] = Field(
        default=(),
        description="Addresses or networks of the proxies in front of the desk; only from these are headers on the sender "
        "and the user believed",
    )
    proxy_user_header: str = Field(
        default="",
        description="Header in which such a proxy names the user whom it let in by OIDC, as X-Forwarded-User; empty for none",
    )
    proxy_groups_header: str = Field(
        default="", description="Header in which it lists the user's groups, separated by commas; empty for none"
    )
    proxy_group_roles: dict[str, Literal["viewer", "analyst", "admin"]] = Field(
        default={},
        description="Role that a group gives, the highest counts; with it accounts are made and roles kept as the proxy "
        "says, without it only accounts that are there get in",
    )
    connections: int = Field(
        default=500, ge=10, description="Connections at once, further ones are turned away; a page may open six"
    )
    page_size: int = Field(default=50, ge=1, le=500, description="Flags on a page of the queue")
    prefect_url: str = Field(default="http://127.0.0.1:4200", description="Where links to Prefect's runs lead")
    mlflow_url: str = Field(default="http://127.0.0.1:5000", description="Where links to MLflow's runs lead")

    @field_validator("public_url", "prefect_url", "mlflow_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("give an address as https://desk.example.org")
        return value.rstrip("/")

    @field_validator("proxy_addresses")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            ipaddress.ip_network(one)
        return value

    @model_validator(mode="after")
    def _proxy_is_known(self) -> DeskConfig:
        if self.proxy_user_header and not self.proxy_addresses:
            raise ValueError("proxy_user_header needs proxy_addresses: anyone could send that header")
        return self
