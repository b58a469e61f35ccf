"""Which passwords are refused."""

import pytest

from configs.desk import DeskConfig
from review import passwords
from review.passwords import WeakPasswordError, check

CONFIG = DeskConfig(passphrase_characters=8)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "passwordpassword",
        "Password12345!",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "iloveyou1234",
        "123456789012",
        "abcdefghijkl",
        "P@ssw0rd1234",
        "linkedin2011",  # in none of zxcvbn's lists
        "N8ZGT5P0SHW=",
        "annabelle2026",
    ],
)
def test_what_is_guessed_first_is_refused(password):
    with pytest.raises(WeakPasswordError, match=r"first that are guessed|little more than the name"):
        check(password, "annabelle", CONFIG)


@pytest.mark.parametrize(
    "password", ["an orbit has six elements", "correct horse battery staple", "xK7#mQ2$vN9@", "ключ от старой двери"]
)
def test_what_is_not_guessed_soon_is_taken(password):
    check(password, "ann", CONFIG)


def test_a_long_password_costs_no_more():
    check("an orbit has six elements " * 39, "ann", CONFIG)


def test_all_of_djangos_common_passwords_are_refused():
    common = [one for one in sorted(passwords._common()) if len(one) >= CONFIG.passphrase_characters]
    assert len(common) > 8000
    long = [one for one in common if len(one) >= DeskConfig().passphrase_characters]
    for one in [*common[::100], *long]:
        with pytest.raises(WeakPasswordError):
            check(one, "ann", CONFIG)
