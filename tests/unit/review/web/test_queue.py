"""The queue as pages: what is listed, filtered, counted and said."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from catalog.assets import Asset, AssetList
from configs.desk import DeskConfig
from configs.schema import BurnwatchConfig
from review.records import Status
from review.web.app import create_app
from tests.desk_home import INSPECTOR, make_home

HTMX = {"hx-request": "true"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    config = BurnwatchConfig(desk=DeskConfig(page_size=20))
    desk = make_home(tmp_path_factory.mktemp("queue")).open(config)
    desk.assets.put([AssetList(name="harbors", kind="watched", objects=[Asset(name="INSPECTOR", norad_id=INSPECTOR)])])
    with desk.flags:
        yield desk


@pytest.fixture(scope="module")
def visit(desk):
    """A visit of the desk as one of its users."""
    app = create_app(desk)
    clients = {}

    def client(name):
        if name not in clients:
            _, secret = desk.accounts.tokens.make(desk.accounts.get(name).user, "tests")
            headers = {"Authorization": f"Bearer {secret}"}
            clients[name] = TestClient(app, base_url="http://127.0.0.1", headers=headers, follow_redirects=False)
        return clients[name]

    yield client
    for one in clients.values():
        one.close()


def listed(page):
    """Ids of the flags on a page, in their order."""
    return re.findall(r'<tbody id="flag-([0-9a-f-]{36})"', page)


def test_it_lists_the_flags_a_page_at_a_time_most_unexpected_first(visit, desk):
    flags = desk.flags.flags()
    first, second = visit("ann").get("/flags"), visit("ann").get("/flags?page=2")
    assert listed(first.text) + listed(second.text) == [flag.flag_id for flag in flags[:40]]
    assert f"1–20 of {len(flags)} flags" in first.text


def test_what_an_analyst_needs_of_a_flag_is_in_its_row(visit, desk):
    flag = desk.flags.flags()[0]
    row = visit("ann").get("/flags").text.split("<tbody")[1]
    for said in (flag.name, str(flag.norad_id), "GEO", flag.kind, flag.reasons[0], "HARBOR 21", "99.0", "open"):
        assert said in row, said
    assert flag.burn_time.strftime("%Y-%m-%d %H:%M") in row


def test_a_filter_is_in_the_address_and_in_the_form(visit, desk):
    page = visit("ann").get("/flags?regime=geo&text=inspector&order=time&since=2025-01-01").text
    wanted = [flag.flag_id for flag in desk.flags.flags(order="time", norad_id=INSPECTOR)]
    assert listed(page) == wanted[:20]
    for field in ('value="geo" checked', 'name="text" value="inspector"', 'value="2025-01-01"', '"time" selected'):
        assert field in page, field


def test_owner_and_list_narrow_to_their_objects(visit, desk):
    owner = desk.objects().set_index("norad_id").loc[INSPECTOR, "owner"]
    of_owner = set(desk.objects().query("owner == @owner")["norad_id"])
    for query, objects in (("watch_list=harbors", {INSPECTOR}), (f"owner={owner}", of_owner)):
        shown = listed(visit("ann").get(f"/flags?{query}").text)
        assert shown
        assert {desk.flags.get(one).norad_id for one in shown} <= objects


def test_an_emptied_field_leaves_the_address(visit):
    answer = visit("ann").get("/flags?text=&regime=geo&since=&order=")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/flags?regime=geo"


def test_a_script_gets_the_list_alone_and_the_address_to_show(visit):
    answer = visit("ann").get("/flags?text=&regime=geo&page=2", headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["hx-push-url"] == "/flags?regime=geo&page=2"
    assert "<html" not in answer.text
    assert 'id="results"' in answer.text


def test_exports_and_the_view_to_save_follow_the_filter(visit):
    for headers in (None, HTMX):
        page = visit("ann").get("/flags?regime=geo&text=inspector", headers=headers).text
        assert 'href="/flags.csv?regime=geo&amp;text=inspector"' in page
        assert 'name="query" value="regime=geo&amp;text=inspector"' in page


def test_counts_say_what_each_choice_would_show(visit, desk):
    geo = [flag for flag in desk.flags.flags() if flag.regime == "geo"]
    page = visit("ann").get("/flags?status=routine&regime=geo").text
    still_open = sum(flag.status == "open" for flag in geo)
    assert re.search(rf'id="count-status-open"[^>]*>{still_open}<', page)


@pytest.mark.parametrize(
    ("query", "field"),
    [("regime=moon", "regime"), ("since=soon", "since"), ("norad_id=x", "norad_id"), ("watch_list=no", "watch_list")],
)
def test_a_filter_that_cannot_be_used_says_which_part(visit, query, field):
    answer = visit("ann").get(f"/flags?{query}")
    assert answer.status_code == 422
    assert field in answer.text.split('role="alert"')[1].split("</div>")[0]


def test_markup_in_a_filter_is_text(visit):
    page = visit("ann").get("/flags", params={"text": "<script>alert(1)</script>", "assignee": '"><img src=x>'}).text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_nothing_found_says_what_to_do(visit):
    page = visit("ann").get("/flags?text=nosuchname").text
    assert "No flag passes this filter" in page
    assert 'href="/flags"' in page


def test_a_viewer_is_shown_no_way_to_settle(visit):
    page = visit("vera").get("/flags").text
    assert listed(page)
    assert 'name="flag"' not in page
    assert "/flags/verdicts" not in page


def test_strangers_are_sent_to_the_login_and_come_back(desk):
    with TestClient(create_app(desk), base_url="http://127.0.0.1", follow_redirects=False) as client:
        answer = client.get("/flags?regime=geo")
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert target.path == "/login"
    assert parse_qs(target.query)["next"] == ["/flags?regime=geo"]


def test_every_desk_has_the_views_one_begins_with(visit, desk):
    page = visit("ann").get("/flags").text
    assert f'href="/flags?status={Status.IN_REVIEW.replace(" ", "+")}&amp;status=open"' in page
    assert 'href="/flags?assignee=ann"' in page


def test_a_view_is_saved_under_a_name_and_shown_to_others_only_if_shared(visit):
    for name, shared in (("my geo", {}), ("our geo", {"shared": "true"})):
        answer = visit("ann").post("/views", data={"name": name, "query": "regime=geo&text=", **shared})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/flags?regime=geo"
    mine, theirs = visit("ann").get("/flags?regime=geo").text, visit("bob").get("/flags?regime=geo").text
    assert "my geo" in mine
    assert "our geo" in mine
    assert "my geo" not in theirs
    assert re.search(r"our geo\s*<span class=\"soft\">by ann", theirs)


def test_only_ones_own_view_can_be_removed(visit):
    visit("ann").post("/views", data={"name": "gone soon", "query": "regime=meo", "shared": "true"})
    view = re.search(r"/views/(\d+)/remove[^\n]*gone soon", visit("ann").get("/flags").text).group(1)
    assert visit("bob").post(f"/views/{view}/remove").status_code == 404
    assert "gone soon" in visit("bob").get("/flags").text
    assert visit("ann").post(f"/views/{view}/remove", data={"query": "regime=leo"}).status_code == 303
    assert "gone soon" not in visit("bob").get("/flags").text


@pytest.mark.parametrize("form", [{"name": " ", "query": ""}, {"name": "x", "query": "regime=moon"}, {}])
def test_a_view_that_cannot_be_kept_is_refused(visit, form):
    assert visit("ann").post("/views", data=form).status_code == 422
