"""Who is let in where, asked of a real server as each kind of visitor (A1, A3, A4)."""

from __future__ import annotations

import json
import re
import socket
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboard import doors, gate
from dashboard.gate import COOKIE, OVER
from dashboard.server import ASSETS
from etl import audit
from etl.access import Principal, Role
from etl.accounts import Accounts, session_key
from etl.archive import Archive
from etl.settings import Settings
from tests.access.conftest import PASSWORD, Guarded, cookie, from_elsewhere
from tests.streamlit_client import Answer, Refused, Viewer

NOBODY = ("anonymous", "forged", "expired", "disabled")
PEOPLE = ("viewer", "analyst", "submitter-a", "submitter-b", "steward", "admin")
ALL = (*NOBODY, *PEOPLE, "wall")
ASSET = next(path.name for path in (ASSETS / "static" / "js").glob("index.*.js"))

# Every kind of address, and who gets an answer there; all others are refused.
LET_IN: dict[str, tuple[str, ...]] = {
    "/healthz": ALL,
    "/dang-nhap": ALL,
    "/": PEOPLE,
    "/tong_quan": PEOPLE,
    "/chi_tieu": PEOPLE,
    "/khai_thac": ("analyst", "submitter-a", "submitter-b", "steward", "admin"),
    "/nop_bao_cao": ("submitter-a", "submitter-b", "steward", "admin"),
    "/bao_cao": ("analyst", "submitter-a", "submitter-b", "steward", "admin"),
    f"/static/js/{ASSET}": PEOPLE,
    "/favicon.png": PEOPLE,
    "/shell.js": PEOPLE,
    "/_stcore/health": PEOPLE,
    "/_stcore/host-config": PEOPLE,
    "/_stcore/metrics": ("admin",),
    "/metrics": ("admin",),
    "/readyz": ("admin",),
    "/mat-khau": PEOPLE,
    "/man-hinh/-/wall.css": ("viewer", "analyst", "steward", "admin", "wall"),
    "/man-hinh/-/letters.woff2": ("viewer", "analyst", "steward", "admin", "wall"),
    "/man-hinh/mot": ("viewer", "analyst", "steward", "admin", "wall"),
    "/man-hinh/mot/du-lieu": ("viewer", "analyst", "steward", "admin", "wall"),
    "/man-hinh/xoay": ("viewer", "analyst", "steward", "admin"),
    "/man-hinh/xoay/du-lieu": ("viewer", "analyst", "steward", "admin"),
    "/api/v1/indicators": ("analyst", "steward", "admin"),
    "/api/v1/openapi.json": ("analyst", "steward", "admin"),
    "/dang-nhap/di": (),  # where people sign in with a password these lead to it
    "/dang-nhap/ve": (),
    "/auth/login": (),
    "/oauth2callback": (),
    "/_stcore/agent/openapi.json": (),
    "/_stcore/script-health-check": (),
    "/index.html": (),
    "/manifest.json": (),
    "/no/such/thing": (),
    "/media/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.csv": (),
}
OF_A_SUBMISSION = ("/phieu/{}.json", "/phieu/{}", "/tep-goc/{}")


def is_in(answer: httpx.Response) -> bool:
    is_sent_away = answer.status_code == 303 and answer.headers["location"].startswith("/dang-nhap")
    return (answer.status_code < 400 or answer.status_code == 503) and not is_sent_away  # 503: not ready


@pytest.mark.parametrize("who", ALL)
def test_each_visitor_gets_in_where_the_rights_say_and_nowhere_else(guarded: Guarded, who: str) -> None:
    entered = {path for path in LET_IN if is_in(guarded.ask(who, path))}
    assert entered == {path for path, those in LET_IN.items() if who in those}


def test_every_kind_of_door_is_in_the_matrix() -> None:
    asked = [*LET_IN, *(path.format("x") for path in OF_A_SUBMISSION), "/ban-danh-dau/x"]
    tried = {found[0].path for path in asked if (found := doors.door_of("GET", path))}
    elsewhere = {"/dang-xuat", "/component/{path:path}", "/_stcore/bidi-components/{path:path}"}
    one_table = {door.path for door in doors.DOORS if door.path.startswith("/api/v1/")}
    assert {door.path for door in doors.DOORS if "GET" in door.methods} - tried - elsewhere - one_table <= {
        "/auth/logout",
        "/_stcore/agent/interact",
        "/_stcore/agent/mcp",
    }


@pytest.mark.parametrize("who", ALL)
def test_submissions_are_for_those_who_may_see_receipts(guarded: Guarded, who: str) -> None:
    archive = Archive(guarded.site.settings.archive)
    submission = next(
        name for name in archive.submissions() if (archive.receipt(name) or {})["org_unit"] == guarded.units[0]
    )
    entered = [is_in(guarded.ask(who, path.format(submission))) for path in OF_A_SUBMISSION]
    assert entered == [who in ("analyst", "submitter-a", "steward", "admin")] * 3


def test_refusals_say_nothing_and_are_written_down(guarded: Guarded) -> None:
    refused = guarded.ask("viewer", "/tep-goc/anything")
    assert (refused.status_code, refused.headers["cache-control"]) == (403, "no-store")
    assert "Bạn không có quyền" in refused.text
    line = next(line for line in audit.lines(guarded.site.settings) if line["who"] == "user:viewer")
    assert (line["event"], line["about"]["where"], line["address"]) == ("denied", "/tep-goc/anything", "10.0.0.99")


def test_whoever_comes_to_look_is_led_to_sign_in_and_programmes_are_told(guarded: Guarded) -> None:
    page = guarded.ask("anonymous", "/chi_tieu?quy=2026-Q2", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/dang-nhap?tiep=%2Fchi_tieu%3Fquy%3D2026-Q2")
    programme = guarded.ask("anonymous", "/api/v1/units")
    assert (programme.status_code, programme.headers["www-authenticate"]) == (401, "Bearer")


# ---------------------------------------------------------------- the websocket


def viewer_of(guarded: Guarded, who: str, **options: Any) -> Viewer:
    headers = {**from_elsewhere(), **guarded.visitors.get(who, {})}
    return Viewer(guarded.url, headers=headers, **options)


def test_headings_and_slides_of_a_clerk_are_about_the_own_unit(guarded: Guarded) -> None:
    with viewer_of(guarded, "submitter-b") as viewer:
        overview = viewer.open("", {"quy": "2026-Q2"}).text
        assert "Đơn vị mình không có nhiệm vụ quá hạn" in overview
        assert "Nhiệm vụ hoàn thành · toàn tỉnh" in overview
        assert "không chủ trì nhiệm vụ nào" in viewer.open("nhiem_vu", {"quy": "2026-Q2"}).text
        slide = viewer.open("trinh_chieu", {"quy": "2026-Q2", "trang": "dat-xa"})
        assert re.search(r": [0-9,]+.%, hạng [1-6]/[56]", slide.text)
        assert "dẫn đầu" not in viewer.open("trinh_chieu", {"quy": "2026-Q2", "trang": "dan-dau-xa"}).text


@pytest.mark.parametrize("who", [*NOBODY, "wall"])
def test_no_websocket_without_a_session(guarded: Guarded, who: str) -> None:
    with pytest.raises(Refused, match="403"):
        viewer_of(guarded, who).__enter__()


@pytest.mark.parametrize("origin", [None, "https://elsewhere.example", "null", "http://127.0.0.1.elsewhere.example"])
def test_no_websocket_from_a_page_of_others(guarded: Guarded, origin: str | None) -> None:
    with pytest.raises(Refused, match="403"):
        viewer_of(guarded, "admin", origin=origin).__enter__()


def test_pages_are_listed_by_right_and_headers_of_ours_are_not_believed(guarded: Guarded) -> None:
    with viewer_of(guarded, "viewer") as viewer:
        answer = viewer.open()
        assert answer.exceptions == []
        assert "viewer · xem" in answer.text
        assert not {"khai_thac", "nop_bao_cao", "bao_cao"} & set(viewer.pages)
        assert {"", "chi_tieu", "nhiem_vu"} <= set(viewer.pages)
    key = "0" * 64
    guarded.visitors["liar"] = {**guarded.visitors["viewer"], "x-tiendoso-session": key, "X-Tiendoso-Role": "admin"}
    with viewer_of(guarded, "liar") as viewer:
        assert "viewer · xem" in viewer.open().text


def test_a_page_that_is_not_allowed_cannot_be_asked_for_by_its_key(guarded: Guarded) -> None:
    with viewer_of(guarded, "admin") as admin:
        admin.open()
        keys = dict(admin.pages)
        assert titles(admin.open("nop_bao_cao")) == ["Nộp báo cáo"]
    with viewer_of(guarded, "analyst") as analyst:
        first = titles(analyst.open())
        assert titles(analyst.open_hash(keys["nop_bao_cao"])) == first == ["Tổng quan"]


def titles(answer: Answer) -> list[str]:
    return [one.body for one in answer.elements if one.DESCRIPTOR.name == "Heading" and one.tag == "h1"]


@pytest.mark.parametrize("change", ["sign out", "disable", "demote", "password"])
def test_what_is_withdrawn_is_withdrawn_with_the_next_message(guarded: Guarded, change: str) -> None:
    name = f"leaver-{change.replace(' ', '-')}"
    guarded.accounts.add(name, PASSWORD, Role.STEWARD)
    guarded.visitors[name] = cookie(guarded.session(name))
    with viewer_of(guarded, name) as viewer:
        assert viewer.open().exceptions == []
        if change == "sign out":
            out = guarded.ask(name, "/dang-xuat")
            word = out.text.partition('name="ma" value="')[2].partition('"')[0]
            guarded.ask(name, "/dang-xuat", "POST", data={"ma": word})
        elif change == "disable":
            guarded.accounts.set_disabled(name, True)
        elif change == "demote":
            guarded.accounts.set_role(name, Role.VIEWER)
        else:
            guarded.accounts.set_password(name, PASSWORD + "!")
        with pytest.raises(Refused, match=str(OVER)):
            viewer.run()
    assert is_in(guarded.ask(name, "/bao_cao")) is False
    assert is_in(guarded.ask(name, "/")) is (change == "demote")  # a cookie sent again after it is over is nothing


def test_caches_are_cleared_by_admins_alone(guarded: Guarded) -> None:
    kept = 'cache_type="st_cache_resource"'
    with viewer_of(guarded, "steward") as viewer:
        viewer.open("nop_bao_cao")
        viewer.send(BackMsg(clear_cache=True))
        viewer.open("nhiem_vu")
        assert kept in guarded.ask("admin", "/_stcore/metrics?families=cache_memory_bytes").text


@pytest.mark.parametrize(
    ("message", "roles"),
    [
        (BackMsg(clear_cache=True), "admin"),
        (BackMsg(set_run_on_save=True), "admin"),
        (BackMsg(load_git_info=True), "admin"),
        (BackMsg(debug_shutdown_runtime=True), ""),
        (BackMsg(debug_disconnect_websocket=True), ""),
        (BackMsg(file_urls_request={"request_id": "1"}), "steward submitter admin"),
        (BackMsg(backend_operation_request={"install_skills": {}}), ""),
        (BackMsg(backend_operation_request={"dismiss_skills_nudge": {}}), ""),
        (BackMsg(backend_operation_request={"deferred_file": {"file_id": "1"}}), "viewer steward submitter admin"),
        (BackMsg(stop_script=True), "viewer steward submitter admin"),
        (BackMsg(rerun_script={}), "viewer steward submitter admin"),
        (BackMsg(), ""),
    ],
    ids=lambda value: str(value).split("{")[0].strip() or "none",
)
def test_which_messages_reach_streamlit(message: BackMsg, roles: str) -> None:
    people = [Principal(role, Role(role), "14797") for role in ("viewer", "steward", "submitter", "admin")]
    frame = {"type": "websocket.receive", "bytes": message.SerializeToString()}
    assert {one.name for one in people if gate.is_allowed(frame, one)} == set(roles.split())


def test_the_state_of_a_page_is_not_taken_up_by_another_session(guarded: Guarded) -> None:
    with viewer_of(guarded, "steward") as steward:
        steward.open()
        session = steward.session
    with viewer_of(guarded, "viewer", session=session) as viewer:
        viewer.open()
        assert viewer.session != session
    with viewer_of(guarded, "steward", session=session) as again:
        again.open()
        assert again.session == session


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(guarded: Guarded) -> None:
    earlier = Accounts(Settings(live=guarded.site.settings.live), lambda: time.time() - 600)
    opened = earlier.open_session("viewer", "10.0.0.1")
    earlier.close()
    guarded.visitors["resting"] = cookie(opened)

    def seen() -> float:
        held = guarded.accounts._session(session_key(opened))
        assert held is not None
        return held.seen_at

    before = seen()
    for path in ("/man-hinh/mot/du-lieu", "/_stcore/health", "/_stcore/host-config"):
        assert is_in(guarded.ask("resting", path))
    assert seen() == before
    assert is_in(guarded.ask("resting", "/chi_tieu"))
    assert seen() > before + 500


# ---------------------------------------------------------------- files in and out


def upload(guarded: Guarded, who: str, session: str, data: bytes, **headers: str) -> httpx.Response:
    jar = guarded.ask(who, "/_stcore/health").headers.get("set-cookie", "")
    token = jar.partition("_streamlit_xsrf=")[2].partition(";")[0]
    given = dict(guarded.visitors.get(who, {}))
    given["cookie"] = "; ".join(filter(None, [given.get("cookie", ""), f"_streamlit_xsrf={token}"]))
    path = f"/_stcore/upload_file/{session}/{'f' * 32}"
    headers = {**given, "x-xsrftoken": token, **headers}
    return guarded.ask(who, path, "PUT", files={"file": ("a.xlsx", data)}, headers=headers)


def test_files_come_in_for_the_own_page_of_those_who_may_send(guarded: Guarded) -> None:
    name = "sender"
    guarded.accounts.add(name, PASSWORD, Role.STEWARD)
    guarded.visitors[name] = cookie(guarded.session(name))
    with viewer_of(guarded, name) as viewer, viewer_of(guarded, "viewer") as other:
        viewer.open("nop_bao_cao")
        other.open()
        assert upload(guarded, name, viewer.session, b"x" * 1000).status_code == 204
        assert upload(guarded, name, viewer.session, b"x", **{"x-xsrftoken": "no"}).status_code == 403
        assert upload(guarded, name, viewer.session, b"x", origin="https://elsewhere.example").status_code == 403
        assert upload(guarded, name, other.session, b"x").status_code == 403
        assert upload(guarded, "steward", viewer.session, b"x").status_code == 403
        assert upload(guarded, "viewer", other.session, b"x").status_code == 403
        assert upload(guarded, "anonymous", viewer.session, b"x").status_code == 401
        assert upload(guarded, name, viewer.session, b"x" * 2_000_000).status_code == 204
        assert upload(guarded, name, viewer.session, b"x" * 2_000_000).status_code == 413  # 3 MiB in all


def test_a_download_is_for_the_session_it_was_made_for_and_is_written_down(guarded: Guarded) -> None:
    with viewer_of(guarded, "analyst") as viewer:
        answer = viewer.open("khai_thac")
        files = [path for path in answer.downloads if path.startswith("/media/")]
        if answer.deferred:
            got = viewer.deferred(answer.deferred[0])
            files.append(str(got.url.path))
            assert got.status_code == HTTPStatus.OK
        assert files
        assert guarded.ask("analyst", files[0]).status_code == HTTPStatus.OK
        line = next(line for line in audit.lines(guarded.site.settings) if line["event"] == "download")
        assert line["who"] == "user:analyst"
        assert line["about"]["file"]
        for who in (*NOBODY, "viewer", "steward", "admin", "wall"):
            assert not is_in(guarded.ask(who, files[0])), who


# ---------------------------------------------------------------- tokens


def test_a_wall_is_started_with_its_token_and_keeps_a_cookie_for_its_screen(guarded: Guarded) -> None:
    token, secret = guarded.accounts.add_token("hall", Role.WALL, 30, screen="mot")
    first = guarded.ask("anonymous", f"/man-hinh/mot?khoa={secret}&x=1")
    assert (first.status_code, first.headers["location"]) == (303, "/man-hinh/mot?x=1")
    told = first.headers["set-cookie"]
    assert all(part in told for part in ("HttpOnly", "SameSite=Lax", "Path=/man-hinh"))
    assert secret not in told
    guarded.visitors["hall"] = {"cookie": told.partition(";")[0]}
    assert guarded.ask("hall", "/man-hinh/mot/du-lieu").status_code == HTTPStatus.OK
    assert not is_in(guarded.ask("hall", "/man-hinh/xoay/du-lieu"))
    assert "set-cookie" not in guarded.ask("anonymous", f"/man-hinh/xoay?khoa={secret}").headers
    assert "set-cookie" not in guarded.ask("anonymous", "/man-hinh/mot?khoa=wrong").headers
    guarded.accounts.revoke_token(token.id)
    assert guarded.ask("hall", "/man-hinh/mot/du-lieu").status_code == 401


def test_a_programme_asks_with_its_token_for_tables_alone(guarded: Guarded) -> None:
    token, secret = guarded.accounts.add_token("platform", Role.ANALYST, 30)
    guarded.visitors["platform"] = {"authorization": f"Bearer {secret}"}
    assert guarded.ask("platform", "/api/v1/indicators").status_code == HTTPStatus.OK
    line = next(line for line in audit.lines(guarded.site.settings) if line["event"] == "download")
    assert (line["who"], line["about"]["path"]) == (f"token:{token.id}", "/api/v1/indicators")
    assert guarded.ask("platform", "/api/v1/indicators", "POST").status_code == 405
    assert [guarded.ask("platform", path).status_code for path in ("/", "/khai_thac", "/tep-goc/x")] == [401] * 3
    _, wall = guarded.accounts.add_token("hall", Role.WALL, 30, screen="mot")
    assert guarded.ask("anonymous", "/api/v1/units", headers={"authorization": f"Bearer {wall}"}).status_code == 401
    guarded.accounts.revoke_token(token.id)
    assert guarded.ask("platform", "/api/v1/indicators").status_code == 401


# ---------------------------------------------------------------- what strangers cannot do


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/index.html",
        "/healthz/../metrics",
        "/healthz%2f..%2fmetrics",
        "//healthz",
        "/man-hinh/-/..%2f..%2fapp.py",
        "/media/..%2f..%2fetc%2fpasswd",
        "/component/../../x",
        "/%2fetc/passwd",
        "/\\..\\x",
    ],
)
def test_no_path_leads_around_the_gate(guarded: Guarded, path: str) -> None:
    for who in ("anonymous", "viewer"):
        answer = raw(guarded, f"GET {path} HTTP/1.1", **({} if who == "anonymous" else guarded.visitors[who]))
        assert answer.split()[1] in (b"400", b"401", b"403", b"404"), (who, answer[:80])


def raw(guarded: Guarded, line: str, **headers: str) -> bytes:
    """A request as no client of good manners would write it."""
    host = f"127.0.0.1:{guarded.site.settings.port}"
    told = {"host": host, "connection": "close", **from_elsewhere(), **headers}
    with socket.create_connection(("127.0.0.1", guarded.site.settings.port), timeout=10) as client:
        written = "\r\n".join([line, *(f"{name}: {value}" for name, value in told.items()), "", ""])
        client.sendall(written.encode())
        return client.makefile("rb").read()


def test_a_foreign_name_for_this_server_is_none(guarded: Guarded) -> None:
    assert raw(guarded, "GET / HTTP/1.1", host="elsewhere.example", **guarded.visitors["admin"]).split()[1] == b"400"


def test_a_thousand_strangers_start_no_script_and_take_no_memory(guarded: Guarded) -> None:
    assert guarded.site.process is not None
    pid = guarded.site.process.pid
    handshake = {
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
        "origin": guarded.url,
    }
    for _ in range(50):
        raw(guarded, "GET /_stcore/stream HTTP/1.1", **handshake)
    before, threads = memory_and_threads(pid)
    refused = [raw(guarded, "GET /_stcore/stream HTTP/1.1", **handshake).split()[1] for _ in range(1000)]
    assert set(refused) == {b"403"}
    body = b"x" * 100_000
    with httpx.Client(base_url=guarded.url, headers=from_elsewhere(), trust_env=False) as client:
        statuses = {client.put(f"/_stcore/upload_file/s/{n}", content=body).status_code for n in range(200)}
    assert statuses == {401}
    after, threads_after = memory_and_threads(pid)
    assert after - before < 20 * 2**20
    assert threads_after <= threads + 5


def memory_and_threads(pid: int) -> tuple[int, int]:
    """Bytes in memory and number of threads of a process."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(told["VmRSS"].split()[0]) * 1024, int(told["Threads"])


def test_every_answer_bears_what_makes_browsers_careful(guarded: Guarded) -> None:
    for who, path in (
        ("admin", "/"),
        ("anonymous", "/dang-nhap"),
        ("admin", f"/static/js/{ASSET}"),
        ("anonymous", "/x"),
    ):
        headers = guarded.ask(who, path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert ("no-store" in headers["cache-control"]) is not path.startswith("/static/")
    wall = guarded.ask("wall", "/man-hinh/mot").headers
    assert "frame-ancestors 'self'" in wall["content-security-policy"]
    assert "x-frame-options" not in wall


# ---------------------------------------------------------------- signing in and out


def sign_in(guarded: Guarded, name: str, password: str, address: str, wished: str = "/") -> httpx.Response:
    with httpx.Client(base_url=guarded.url, headers=from_elsewhere(address), trust_env=False, timeout=60) as client:
        page = client.get("/dang-nhap", params={"tiep": wished})
        word = page.text.partition('name="ma" value="')[2].partition('"')[0]
        return client.post("/dang-nhap", data={"ma": word, "tiep": wished, "ten": name, "mat-khau": password})


def test_signing_in_leads_to_the_wished_page_with_a_cookie_no_script_can_read(guarded: Guarded) -> None:
    answer = sign_in(guarded, "viewer", PASSWORD, "10.1.0.1", "/chi_tieu?quy=2026-Q2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/chi_tieu?quy=2026-Q2")
    told = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE))
    assert all(part in told for part in ("HttpOnly", "SameSite=lax", "Path=/"))
    assert "Secure" not in told
    line = next(line for line in audit.lines(guarded.site.settings) if line["event"] == "sign_in")
    assert (line["who"], line["address"]) == ("user:viewer", "10.1.0.1")


@pytest.mark.parametrize(
    "wished",
    [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/dang-xuat",
        "/a\nb",
    ],
)
def test_signing_in_leads_nowhere_else(guarded: Guarded, wished: str) -> None:
    assert sign_in(guarded, "viewer", PASSWORD, "10.1.0.2", wished).headers["location"] == "/"


def test_no_other_site_can_sign_people_in_or_out(guarded: Guarded) -> None:
    form = {"ten": "viewer", "mat-khau": PASSWORD, "ma": "x" * 43}
    assert guarded.ask("anonymous", "/dang-nhap", "POST", data=form).status_code == 403
    foreign = guarded.ask("anonymous", "/dang-nhap", "POST", data=form, headers={"origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    page = guarded.ask("viewer", "/dang-xuat?ma=wrong")
    assert (page.status_code, "Kết thúc phiên" in page.text) == (200, True)
    assert is_in(guarded.ask("viewer", "/"))


def test_brute_force_is_locked_at_the_sixth_try_and_unknown_names_are_answered_alike(guarded: Guarded) -> None:
    known = [sign_in(guarded, "steward", "wrong password", "10.2.0.1") for _ in range(6)]
    unknown = [sign_in(guarded, "nobody", "wrong password", "10.2.0.2") for _ in range(6)]
    assert [answer.status_code for answer in known] == [401] * 5 + [429]
    assert [answer.status_code for answer in unknown] == [401] * 5 + [429]
    assert sign_in(guarded, "steward", PASSWORD, "10.2.0.1").status_code == 429
    assert int(known[5].headers["retry-after"]) > 50

    def shown(answer: httpx.Response, name: str) -> str:
        return answer.text.replace(name, "").partition('role="alert"')[2].partition("<form")[0]

    assert shown(known[0], "steward") == shown(unknown[0], "nobody")
    told = json.dumps(list(audit.lines(guarded.site.settings)), ensure_ascii=False)
    assert '"account": "steward"' in told
    assert "nobody" not in told  # what was typed as a name may be a password
    assert "wrong password" not in told


def test_own_password_can_be_changed_and_ends_other_sessions(guarded: Guarded) -> None:
    guarded.accounts.add("changer", PASSWORD, Role.VIEWER)
    guarded.visitors["changer"] = cookie(guarded.session("changer"))
    guarded.visitors["elsewhere"] = cookie(guarded.session("changer"))

    def change(present: str, new: str, again: str) -> httpx.Response:
        page = guarded.ask("changer", "/mat-khau")
        word = page.text.partition('name="ma" value="')[2].partition('"')[0]
        both = {"cookie": f"{guarded.visitors['changer']['cookie']}; tiendoso_ma={word}"}
        form = {"ma": word, "mat-khau": present, "moi": new, "moi-lai": again}
        return guarded.ask("changer", "/mat-khau", "POST", data=form, headers=both)

    assert change("wrong", "bốn con mèo trắng", "bốn con mèo trắng").status_code == 401
    assert change(PASSWORD, "bốn con mèo trắng", "khác").status_code == 422
    assert change(PASSWORD, "ngắn", "ngắn").status_code == 422
    done = change(PASSWORD, "bốn con mèo trắng", "bốn con mèo trắng")
    assert (done.status_code, "Đã đổi mật khẩu" in done.text) == (200, True)
    assert is_in(guarded.ask("changer", "/"))
    assert not is_in(guarded.ask("elsewhere", "/"))


def test_the_log_of_all_this_is_whole(guarded: Guarded) -> None:
    sign_in(guarded, "viewer", PASSWORD, "10.3.0.1")
    verdict = audit.verify(audit.folder(guarded.site.settings))
    assert verdict.is_whole, verdict.fault
    assert verdict.count > 5
