"""The shipped reference data loads; wrong data is refused with file and line; names resolve as of a day."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from etl.errors import WrongReference
from etl.reference import Reference, copy_reference, differences, load_reference

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "reference"
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "reference"))


# --- what ships -----------------------------------------------------------------------------------------------------


def test_the_shipped_data_has_the_communes_of_both_provinces(reference: Reference) -> None:
    communes = Counter(
        (reference.province_of(code), unit.kind)
        for code, unit in reference.org_units.items()
        if unit.kind in ("xa", "phuong")
    )
    assert communes == {("38", "xa"): 147, ("38", "phuong"): 19, ("40", "xa"): 119, ("40", "phuong"): 11}
    assert len(reference.org_units) == 1359
    assert len(reference.tiles) == 166 + 130
    assert Counter(step.share_kind for step in reference.successions) == {"whole": 949, "part": 21}


def test_the_shipped_data_has_the_catalogue_the_forms_and_the_tasks(reference: Reference) -> None:
    topics = Counter(code.rstrip("0123456789") for code in reference.indicators)
    assert topics == {"VB": 5, "DVC": 13, "NV": 8, "BC": 2, "DL": 3, "HT": 4, "XH": 5, "SI": 6}
    assert [form.code for form in reference.forms.values()] == ["BM01", "BM02", "BM03", "BM04"]
    assert len(reference.tasks) == 81
    assert sum(task.due_precision == "recurring" for task in reference.tasks.values()) == 3
    assert {reference.org_units[task.lead].kind for task in reference.tasks.values()} == {"department"}
    assert all("Dữ liệu minh họa" in task.programme for task in reference.tasks.values())
    assert not any(day.weekday() > 4 for day in reference.holidays)


def test_the_hash_changes_with_any_byte(reference: Reference, folder: Path) -> None:
    assert load_reference(folder).hash == reference.hash
    with (folder / "targets.csv").open("a", encoding="utf-8") as file:
        file.write("DVC04,,2026,98,Kế hoạch năm\n")
    assert load_reference(folder).hash != reference.hash


# --- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("indicators/VB01.toml", 'cadence = "monthly"', 'cadense = "monthly"', "unknown key 'cadense' (did you mean"),
        ("indicators/VB01.toml", 'kind = "ratio"', 'kind = "rate"', "kind: "),
        ("indicators/VB01.toml", "factor = 100", "factor = ", "not valid TOML"),
        ("indicators/VB02.toml", 'indicator = "VB02"', 'indicator = "VB01"', "does not bear the name of its file"),
        ("indicators/VB02.toml", 'name_vi = "', 'name_vi = ""\nnote2 = "', "unknown key 'note2'"),
        ("forms/bm01_indicators.toml", 'key = "numerator"', 'key = "numerater"', "unknown column 'numerater'"),
        ("forms/bm01_indicators.toml", 'key = "percentage"', 'key = "lead"', "unknown column 'lead' for shape"),
        ("forms/bm01_indicators.toml", '"Mẫu số",', '"Tử số",', "wording 'Tử số' stands for 'numerator' already"),
        ("forms/bm01_indicators.toml", 'from = ["department"]', 'from = ["departmant"]', "unknown unit or kind"),
        ("forms/bm01_indicators.toml", "due_working_days = 2", "due_days = 2", "unknown key 'due_days'"),
        ("forms/bm02_tasks.toml", "thuong_xuyen = [", "thuong_suyen = [", "unknown state 'thuong_suyen'"),
        ("forms/bm02_tasks.toml", "weekday = 5", "cut_off_day = 14", "weekday stands with cadence weekly"),
        ("forms/bm03_by_unit.toml", 'lead_indicators = ["DL01"]', 'lead_indicators = ["DL09"]', "indicator 'DL09'"),
        ("forms/bm03_by_unit.toml", 'indicators = ["DL01", ', 'indicators = ["DL1", ', "unknown indicator 'DL1'"),
        ("forms/bm03_by_unit.toml", 'code = "BM03"', 'code = "BM01"', "has code 'BM01'"),
        ("org_units.csv", "38.NV,Sở Nội vụ,department,38,", "38.NV,Sở Nội vụ,departmint,38,", "kind 'departmint'"),
        ("org_units.csv", "38.NV,Sở Nội vụ,department,38,", "38.NV,Sở Nội vụ,department,83,", "unknown unit '83'"),
        ("org_units.csv", "38.NV,Sở Nội vụ,department,38,", "38.NV,Sở Nội vụ,department,38.NV,", "under itself: 38.NV"),
        ("org_units.csv", "38.TC,Sở Tài chính,", "38.NV,Sở Tài chính,", "unit '38.NV' stands in line 6 already"),
        ("org_units.csv", "2025-07-01,,source,14758,", "2025-07-01,2025-06-01,source,14758,", "lies after valid_to"),
        ("org_units.csv", "2025-07-01,,source,14758,", "01/07/2025,,source,14758,", "is not a date"),
        ("org_units.csv", "code,name,kind,", "code,nome,kind,", "unknown column 'nome' (did you mean 'name'?)"),
        ("aliases.csv", "Sở KH&CN,38.KHCN", "Sở KH&CN,38.KHCM", "unknown unit '38.KHCM' in org_unit (did you mean"),
        ("aliases.csv", "Sở KH&CN,38.KHCN", "Sở Nội vụ,38.KHCN", "'38.NV' bears that name already"),
        ("aliases.csv", "Sở KH&CN,38.KHCN", "Sở KH&CN", "1 values instead of 2"),
        ("succession.csv", ",14758,whole", ",14759,whole", "unknown unit '14759'"),
        ("tiles.csv", "38,14797,16,11", "38,14797,16,10", "column 16, row 10 of '38' stands in line 2 already"),
        ("tiles.csv", "38,14797,16,11", "40,14797,16,11", "lies in province '38'"),
        ("targets.csv", "VB03,commune,", "VB03,comune,", "unknown scope 'comune' in scope (did you mean 'commune'?)"),
        ("targets.csv", "HT03,40,2026,614.025", 'HT03,40,2026,"614,025"', "is not a number"),
        ("targets.csv", "VB02,,2030", "VB02,,20300", "lies outside 2000–2100"),
        ("targets.csv", "HT02,,2030", "HT20,,2030", "unknown indicator 'HT20'"),
        ("targets.csv", "VB02,,2030", "VB01,,2025", "the target of VB01 for 2025 stands in line 2 already"),
        ("bands.csv", "DL01,10,25,50,", "DL01,10,10,50,", "do not rise from 0"),
        ("bands.csv", "DL01,10,25,50,", "*,10,25,50,", "the band of * stands in line 2 already"),
        ("planned_path.csv", "VB02,,2025-Q4,", "VB02,,2025-12,", "is not a quarter like 2026-Q1"),
        ("planned_path.csv", "VB02,,2025-Q4,", "VB01,,2026-Q1,", "VB01 has no target for all in 2026 or later"),
        ("planned_path.csv", "VB02,,2025-Q4,", "HT03,40,2025-Q4,", "only of a ratio is known"),
        ("slides.csv", "so-nganh,multiples", "so-nganh,multiple", "unknown kind 'multiple' in kind (did you mean"),
        ("slides.csv", "dan-dau-xa,ranking,commune,,top", "dan-dau-xa,ranking,commune,,first", "unknown part 'first'"),
        ("slides.csv", "dan-dau-xa,ranking,commune,", "Dẫn đầu,ranking,commune,", "only a-z, 0-9 and -"),
        ("tasks.csv", ",38.VPUB,38.KHCN;38.TTPVHCC,", ",38.VPUX,38.KHCN;38.TTPVHCC,", "unknown unit '38.VPUX' in lead"),
        ("tasks.csv", ",38.VPUB,38.KHCN;38.TTPVHCC,", ",38.VPUB,38.KHCN;38.TTX,", "unknown unit '38.TTX'"),
        ("tasks.csv", "266-KH/TU-02", "266-KH/TU-01", "stands in line 2 already"),
        ("tasks.csv", "2025-07-31,month", ",month", "does not go with due_precision 'month'"),
        ("meetings.csv", "2026-03-18T17:00:00+07:00", "2026-03-18T17:00:00", "lacks its offset"),
        ("holidays.csv", "2025-01-27", "27/01/2025", "is not a date"),
        ("unit_kinds.csv", "department,Departments,7", "department,Departments,x", "is not a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused_with_file_and_line(
    folder: Path, file: str, old: str, new: str, words: str
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    if file == "unit_kinds.csv":
        old = next(line for line in text.splitlines() if line.startswith("department,"))
        new = old.replace(",3,1", ",x,1")
    assert old in text
    changed = text.replace(old, new, 1)
    line = text[: text.index(old)].count("\n") + 1
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(WrongReference) as refused:
        load_reference(folder)
    told = [fault for fault in refused.value.message.splitlines() if words in fault]
    assert told, refused.value.message
    named_lines = {int(fault.removeprefix(f"{path}:").split(":")[0]) for fault in told if fault.startswith(f"{path}:")}
    assert named_lines & {line, line + new.count("\n")} or named_lines == {_header_line(changed, line)}


def _header_line(text: str, line: int) -> int:
    """The line of the TOML table a line stands in: where a key that is missing as a whole is reported."""
    lines = text.splitlines()[:line]
    return max((number for number, content in enumerate(lines, 1) if content.startswith("[")), default=1)


def test_every_fault_is_told_at_once(folder: Path) -> None:
    (folder / "tiles.csv").unlink()
    (folder / "indicators" / "VB01.toml").write_text('indicator = "VB01"\n', encoding="utf-8")
    targets = folder / "targets.csv"
    targets.write_text(targets.read_text(encoding="utf-8").replace("2030", "abc"), encoding="utf-8")
    with pytest.raises(WrongReference) as refused:
        load_reference(folder)
    faults = refused.value.message.splitlines()
    assert f"{folder / 'tiles.csv'}:1: the file is missing" in faults
    assert f"{folder / 'indicators' / 'VB01.toml'}:1: key 'name_vi' is missing" in faults
    assert sum("'abc' is not a whole number" in fault for fault in faults) == (SHIPPED / "targets.csv").read_text(
        encoding="utf-8"
    ).count(",2030,")


def test_a_line_break_inside_quotes_does_not_shift_the_lines(folder: Path) -> None:
    targets = folder / "targets.csv"
    lines = targets.read_text(encoding="utf-8").splitlines()
    lines[1:1] = ['XH01,,2026,1,"hai\ndòng"', "XX01,,2026,1,x"]
    targets.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(WrongReference, match=r"targets\.csv:4: unknown indicator 'XX01'"):
        load_reference(folder)


def test_text_that_is_not_utf8_is_refused(folder: Path) -> None:
    meetings = folder / "meetings.csv"
    meetings.write_bytes(meetings.read_bytes().replace("Thanh Hóa".encode(), "Thanh Hóa".encode("cp1258", "replace")))
    with pytest.raises(WrongReference, match=r"meetings\.csv:\d+: the text is not UTF-8"):
        load_reference(folder)


def test_a_table_saved_by_excel_with_its_mark_loads(folder: Path, reference: Reference) -> None:
    targets = folder / "targets.csv"
    targets.write_bytes(b"\xef\xbb\xbf" + targets.read_bytes().replace(b"\n", b"\r\n"))
    assert load_reference(folder).targets == reference.targets


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "province", "on", "org_unit"),
    [
        ("Sở KH&CN", "38", None, "38.KHCN"),
        ("Sở KH&CN", "40", None, "40.KHCN"),
        ("sở khcn", "38", None, "38.KHCN"),
        ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", "38", None, "38.KHCN"),
        ("Sở KHĐT", "38", None, "38.TC"),
        ("KHĐT", "38", None, None),
        ("Phường Đông Tiến", "38", None, "15853"),
        ("Xã Đồng Tiến", "38", None, "15724"),
        ("xa Dong Tien", "38", None, "15724"),
        ("Dong Tien", "38", None, None),
        ("UBND xã Con Cuông", "40", None, "17254"),
        ("UBND xã Con Cuông", "38", None, None),
        ("Uỷ ban nhân dân xã Hoá Quỳ", "38", AFTER, "16186"),
        ("Xã Như Xuân, tỉnh Thanh Hóa", "40", None, "16174"),
        ("Phường Thành Vinh - Nghệ An", "38", None, "16681"),
        ("Như Xuân", "38", date(2026, 3, 31), "16174"),
        ("Như Xuân", "38", BEFORE, None),
        ("Huyện Như Xuân", "38", BEFORE, "old.402"),
        ("Huyện Như Xuân", "38", AFTER, None),
        ("UBND xã Thanh Quân, huyện Như Xuân", "38", BEFORE, "old.16207"),
        ("UBND x. Thanh Quân - H. Như Xuân", "38", BEFORE, "old.16207"),
        ("Thị trấn Yên Cát", "38", BEFORE, "old.16174"),
        ("16174", "38", AFTER, "16174"),
        ("16174", "38", BEFORE, "old.16174"),
        ("38.khcn", "40", None, "38.KHCN"),
        ("UBND tỉnh Thanh Hoá", "40", None, "38"),
        ("UBND tỉnh", "40", None, "40"),
        ("Đảng ủy xã Như Xuân", "38", None, None),
        ("", "38", None, None),
    ],
)
def test_a_unit_is_found_by_whole_name_alias_or_code_as_of_a_day(
    reference: Reference, text: str, province: str, on: date | None, org_unit: str | None
) -> None:
    assert reference.find_org_unit(text, province, on).org_unit == org_unit


def test_an_abolished_unit_comes_with_what_it_went_into(reference: Reference) -> None:
    match = reference.find_org_unit("UBND huyện Như Xuân", "38", AFTER)
    assert match.org_unit is None
    assert match.abolished == reference.org_units["old.402"]
    assert {unit.name for unit in match.successors} == {
        "Xã Như Xuân", "Xã Xuân Bình", "Xã Hóa Quỳ", "Xã Thượng Ninh", "Xã Thanh Quân", "Xã Thanh Phong",
    }  # fmt: skip
    town = reference.find_org_unit("Thị trấn Yên Cát", "38", date(2026, 1, 1))
    assert [unit.code for unit in town.successors] == ["16174"]


def test_an_unknown_name_is_only_ever_answered_with_suggestions(reference: Reference) -> None:
    match = reference.find_org_unit("UBND xã Như Xuâm", "38", None)
    assert match.org_unit is None
    assert match.abolished is None
    assert match.nearest[0] == "Xã Như Xuân"


def test_every_current_unit_is_found_by_its_own_name(reference: Reference) -> None:
    for code, unit in reference.org_units.items():
        if unit.is_valid(None):
            province = reference.province_of(code)
            assert reference.find_org_unit(unit.name, province, None).org_unit == code


def test_every_old_commune_is_found_by_name_and_district(reference: Reference) -> None:
    for step in reference.successions:
        province = reference.province_of(step.old_org_unit)
        text = f"UBND {step.old_name}, {step.old_district}"
        assert reference.find_org_unit(text, province, BEFORE).org_unit == step.old_org_unit
        new = {unit.code for unit in reference.find_org_unit(text, province, AFTER).successors}
        assert step.new_org_unit in new


@pytest.mark.parametrize(
    ("text", "provinces"),
    [
        ("UBND TỈNH THANH HÓA", ("38",)),
        ("UBND tỉnh Thanh Hoá\nSở Nội vụ", ("38",)),
        ("01_NgheAn_BM01_BM02_24-6-2025.xlsx", ("40",)),
        ("06_So KHCN Thanh Hoa_BM01", ("38",)),
        ("Thanh Hóa và Nghệ An", ("38", "40")),
        ("UBND xã Thanh Hòa", ()),
        ("Phường Hạc Thành", ()),
    ],
)
def test_provinces_are_found_in_free_text(reference: Reference, text: str, provinces: tuple[str, ...]) -> None:
    assert reference.find_provinces_in(text) == provinces


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("VB01", "VB01"),
        ("vb 1", "VB01"),
        ("DVC-02.", "DVC02"),
        ("VB01 Tỷ lệ văn bản điện tử đi được ký số", "VB01"),
        ("TỶ LỆ NHIỆM VỤ QUÁ HẠN", "NV03"),
        ("Tỷ lệ nhiệm vụ quá hạn (%)", "NV03"),
        ("VB99 Tỷ lệ nhiệm vụ quá hạn", None),
        ("Tỷ lệ nhiệm vụ", None),
        ("", None),
    ],
)
def test_an_indicator_is_found_by_code_or_whole_name(reference: Reference, text: str, indicator: str | None) -> None:
    found = reference.find_indicator(text)
    assert (found.code if found else None) == indicator


def test_a_task_is_found_by_the_number_of_its_document_however_the_date_is_written(reference: Reference) -> None:
    known = reference.tasks["Kế hoạch 266-KH/TU", "266-KH/TU-07"]
    for document in ("Kế hoạch 266-KH/TU", "KH số 266-KH/TU ngày 26/04/2025", "266-KH/TU ngày 26/4/2025"):
        assert reference.find_task(document, "266-kh/tu-07") == known
    assert reference.find_task("Kế hoạch 265-KH/TU", "266-KH/TU-07") is None


# --- duties ---------------------------------------------------------------------------------------------------------


def test_who_must_send_what_and_when(reference: Reference) -> None:
    communes = reference.expected("bm01_indicators", "2026-Q1")
    assert len([code for code in communes if reference.province_of(code) == "38"]) == 166
    assert reference.expected("bm01_indicators", "2025-Q2") == ()
    departments = reference.expected("bm01_indicators", "2026-03")
    assert Counter(reference.province_of(code) for code in departments) == {"38": 14, "40": 14}
    assert reference.expected("bm02_tasks", "2026-W12") == departments
    assert reference.expected("bm03_by_unit", "2026-Q1") == ("38.NNMT",)
    assert reference.expected("bm01_indicators", "2026-H1") == ()


@pytest.mark.parametrize(
    ("form", "period", "due_on"),
    [
        ("bm01_indicators", "2026-Q1", date(2026, 3, 17)),  # cut-off Saturday 14 March, then Monday and Tuesday
        ("bm01_indicators", "2026-02", date(2026, 2, 24)),  # Tết: 16 to 20 February are holidays
        ("bm02_tasks", "2026-W12", date(2026, 3, 20)),
        ("bm02_tasks", "2026-W18", date(2026, 5, 4)),  # Friday is 1 May
        ("bm02_tasks", "2026-Q1", None),
    ],
)
def test_due_days_count_working_days(reference: Reference, form: str, period: str, due_on: date | None) -> None:
    assert reference.due_on(form, period) == due_on


def test_indicators_are_expected_of_those_who_report_them(reference: Reference) -> None:
    of_commune = reference.indicators_expected("bm01_indicators", "16174", "quarterly")
    of_department = reference.indicators_expected("bm01_indicators", "38.KHCN", "monthly")
    assert {"DL01", "XH05", "VB01"} <= set(of_commune)
    assert "HT02" not in of_commune
    assert {"HT02", "DVC01", "VB01"} <= set(of_department)
    assert "DL01" not in of_department
    asked = {code for code, indicator in reference.indicators.items() if indicator.reporter != "lead"}
    assert set(of_commune) | set(of_department) == asked
    assert reference.indicators_expected("bm01_indicators", "16174", "monthly") == ()
    assert set(reference.indicators_expected("bm03_by_unit", "38.NNMT", "quarterly")) == {"DL01", "DVC06"}
    assert reference.indicators_expected("bm02_tasks", "38.NNMT", "weekly") == ()


def test_a_second_cadence_takes_the_indicators_of_its_own(folder: Path) -> None:
    form = folder / "forms" / "bm01_indicators.toml"
    rule = '\n[[expected]]\ncadence = "quarterly"\nfrom = ["department"]\ncut_off_day = 14\ndue_working_days = 2\n'
    form.write_text(form.read_text(encoding="utf-8") + rule, encoding="utf-8")
    reference = load_reference(folder)
    monthly = reference.indicators_expected("bm01_indicators", "38.KHCN", "monthly")
    quarterly = reference.indicators_expected("bm01_indicators", "38.KHCN", "quarterly")
    assert {reference.indicators[code].cadence for code in monthly} == {"weekly", "monthly"}
    assert {reference.indicators[code].cadence for code in quarterly} == {"quarterly"}


# --- the installation's own copy ------------------------------------------------------------------------------------


def test_the_copy_is_made_once_and_never_overwritten(tmp_path: Path) -> None:
    own = tmp_path / "live" / "reference"
    own.parent.mkdir()
    assert copy_reference(SHIPPED, own)
    assert differences(SHIPPED, own) == ()
    (own / "targets.csv").write_text("mine", encoding="utf-8")
    (own / "indicators" / "VB01.toml").unlink()
    (own / "forms" / "bm04.toml").write_text("", encoding="utf-8")
    assert not copy_reference(SHIPPED, own)
    assert (own / "targets.csv").read_text(encoding="utf-8") == "mine"
    assert differences(SHIPPED, own) == (
        "added forms/bm04.toml",
        "missing indicators/VB01.toml",
        "changed targets.csv",
    )
