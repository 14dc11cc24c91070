"""The frame around every page: navigation, language, province; PAGES is the list of pages in order."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard import chart_image, filters, screen, sources, text, theme, visitor
from dashboard.text import t
from etl.access import LOCAL, Principal, Role, pages_for

FOLDER: Final = Path(__file__).parent

# Streamlit leaves a wide empty margin; a desk screen of 1366 × 768 needs the room, but the bar on top must not cover
# the marks of a title.
TIGHTER: Final = """<style>
[data-testid="stMainBlockContainer"] {padding: 3.1rem 2rem 2rem 2rem}
[data-testid="stSidebarHeader"] {height: 1.5rem; padding-bottom: 0}
[data-testid="stMain"] h1 {padding: 0 0 0.3rem}
[data-testid="stPageLink-NavLink"] p {white-space: normal; line-height: 1.35; padding: 2px 0}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {gap: 0.75rem}
[data-testid="stMain"] :is(h3, h5) {padding: 0.4rem 0}
.visitor {font-size: 0.85rem; overflow-wrap: anywhere}
.visitor a {color: #12436D}
</style>"""

# Text that is grey on white keeps 4,5:1, and what has the keyboard is seen to have it.
READABLE: Final = f"""<style>
[data-testid="stCaptionContainer"] {{color: {theme.MUTED}; opacity: 1}}
[data-testid="stHeaderActionElements"] {{display: none}}
:is([data-testid="stApp"], [role="dialog"]) :is(a, button, summary, [tabindex="0"]):focus-visible {{
  outline: 3px solid {theme.FOCUS}; outline-offset: 1px; box-shadow: none}}
:is([data-testid="stApp"], [role="dialog"]) :is(input, textarea):focus-visible {{
  outline: 2px solid {theme.FOCUS}; outline-offset: 3px}}
/* A tablet upright: what stands side by side on a desk goes below one another. */
@media (max-width: {screen.TABLET}px) {{
  [data-testid="stMain"] [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) {{flex-wrap: wrap}}
  [data-testid="stMain"] [data-testid="stColumn"] {{min-width: calc(33% - 1rem)}}
  [data-testid="stMain"] [data-testid="stColumn"]:first-child:nth-last-child(4),
  [data-testid="stColumn"]:first-child:nth-last-child(4) ~ [data-testid="stColumn"] {{min-width: calc(50% - 1rem)}}
  [data-testid="stMain"] [data-testid="stColumn"]:has([data-testid="stPlotlyChart"]) {{min-width: 100%}}
}}
</style>"""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its script below this folder, its names, and its path in the URL (the stem of the file)."""

    path: str
    title_vi: str
    title_en: str
    url_path: str
    icon: str

    @property
    def title(self) -> str:
        return self.title_en if text.language() == "en" else self.title_vi


PAGES: Final[tuple[Page, ...]] = (
    Page("pages/tong_quan.py", "Tổng quan", "Overview", "tong_quan", ":material/grid_view:"),
    Page("pages/trinh_chieu.py", "Trình chiếu", "Slides", "trinh_chieu", ":material/slideshow:"),
    Page("pages/chi_tieu.py", "Chỉ tiêu", "Indicators", "chi_tieu", ":material/leaderboard:"),
    Page("pages/don_vi.py", "Đơn vị", "Units", "don_vi", ":material/apartment:"),
    Page("pages/nhiem_vu.py", "Nhiệm vụ", "Tasks", "nhiem_vu", ":material/checklist:"),
    Page("pages/khai_thac.py", "Khai thác số liệu", "Explore the figures", "khai_thac", ":material/table_view:"),
    Page("pages/nop_bao_cao.py", "Nộp báo cáo", "Hand in a report", "nop_bao_cao", ":material/upload_file:"),
    Page("pages/ai_da_bao_cao.py", "Ai đã báo cáo", "Who has reported", "ai_da_bao_cao", ":material/fact_check:"),
    Page("pages/bao_cao.py", "Báo cáo đã nộp", "Submitted reports", "bao_cao", ":material/inbox:"),
    Page("pages/chat_luong.py", "Chất lượng dữ liệu", "Data quality", "chat_luong", ":material/verified:"),
    Page(
        "pages/thay_doi.py", "Thay đổi từ kỳ họp trước", "Changes since a meeting", "thay_doi", ":material/difference:"
    ),
    Page("pages/van_hanh.py", "Vận hành", "Operations", "van_hanh", ":material/monitor_heart:"),
)


def main() -> None:
    filters.start_language(st.query_params.to_dict())
    # Before the navigation: else the browser is sent to a server of Google's for the picture of the page's symbol.
    st.set_page_config(page_icon=FOLDER / "icon.svg", layout="wide", initial_sidebar_state=220)
    who = visitor.principal()
    allowed = [page for page in PAGES if page.url_path in pages_for(who)]
    # Our own links instead of Streamlit's: they carry the query parameters, so a change of page keeps the filters.
    pages = [
        st.Page(FOLDER / page.path, title=page.title, icon=page.icon, url_path=page.url_path, default=place == 0)
        for place, page in enumerate(allowed)
    ]
    chosen = st.navigation(pages, position="hidden")
    title = f"{chosen.title} · {t('app')}"
    st.set_page_config(
        page_title=title, page_icon=FOLDER / "icon.svg", layout="wide", initial_sidebar_state=screen.SIDEBAR
    )
    sources.follow(who)
    st.html(f"{TIGHTER}{READABLE}<style>{chart_image.LOOK}</style>")
    returns = st.query_params.get(filters.RETURNS, "")
    if returns and chosen.url_path != "trinh_chieu":
        wished = {"slide": returns, "returns": ""}
        st.button(t("slide.return"), on_click=sources.go_to, args=("trinh_chieu",), kwargs=wished, shortcut="Escape")
    with st.sidebar:
        st.subheader(t("app"))
        if who == LOCAL:
            st.caption(t("app.subtitle"))
        else:
            show_visitor(who)
        for link, page in zip(pages, allowed, strict=True):
            st.page_link(link, label=page.title, query_params=filters.link_parameters())
        st.space("small")
        filters.pick_frame()
    filters.tell_fault()
    if who.role in (Role.STEWARD, Role.ADMIN):
        filters.tell_stale()
    if chosen.url_path != "trinh_chieu":  # slides fit themselves to the screen
        screen.measure()
    chosen.run()


def show_visitor(who: Principal) -> None:
    """Who is signed in, and the way out."""
    if who.role is Role.PUBLIC:
        links = [(visitor.SIGN_IN, t("sign_in"))]
        name = t("visitor.public")
    else:
        links = [(visitor.sign_out_link(), t("sign_out"))]
        if visitor.has_password():
            links.append((visitor.PASSWORD, t("password")))
        name = t("visitor", name=who.name, role=t(f"role.{who.role}"))
    listed = " · ".join(f'<a href="{path}" target="_self">{words}</a>' for path, words in links)
    st.html(f'<p class="visitor">{escape(name)}<br>{listed}</p>')


if __name__ == "__main__":
    main()
