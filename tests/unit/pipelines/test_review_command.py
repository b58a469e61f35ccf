"""``burnwatch review``: where it listens, and where it does not unless that is meant."""

import pytest
from typer.testing import CliRunner

from pipelines import desk
from pipelines.cli.main import app

BEHIND_TLS = "desk: {public_url: 'https://desk.example.org', proxy_addresses: [10.0.0.5]}\n"
UNNAMED = "desk: {public_url: 'https://desk.example.org'}\n"


@pytest.fixture
def review(tmp_path, monkeypatch):
    """Run the command; the hosts on which the desk would have been served come with it."""
    served = []
    monkeypatch.setattr(desk, "serve_desk", lambda _home, _config, host, _port: served.append(host))
    config = tmp_path / "config.yaml"

    def run(*options, settings=""):
        config.write_text(settings or "{}\n")
        command = ["--home", str(tmp_path / "home"), "--config", str(config), "review", *options]
        return CliRunner().invoke(app, command), served

    return run


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_on_this_machine_it_listens_without_a_word(review, host):
    done, served = review("--host", host)
    assert (done.exit_code, served) == (0, [host])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example.org"])
def test_beyond_it_only_behind_a_named_proxy_with_tls_or_where_it_is_said(review, host):
    for settings in ("", UNNAMED, "desk: {proxy_addresses: [10.0.0.5]}\n"):
        refused, served = review("--host", host, settings=settings)
        assert (refused.exit_code, served) == (2, [])
        assert "--plain-http" in refused.stderr
    assert review("--host", host, settings=BEHIND_TLS)[1] == [host]
    assert review("--host", host, "--plain-http")[1] == [host, host]
