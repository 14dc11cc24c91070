"""Text and numbers as people write them: each expectation is written out by hand, the legacy tables from the fonts."""

from __future__ import annotations

import csv
import unicodedata
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.vietnamese import (
    clean,
    decode_legacy,
    format_date,
    format_number,
    name_key,
    parse_number,
    plain_key,
    search_key,
    sort_key,
)

ROOT = Path(__file__).resolve().parents[2]

# one line per vowel, tones in the order ngang huyền hỏi ngã sắc nặng
LETTERS = "aàảãáạ ăằẳẵắặ âầẩẫấậ eèẻẽéẹ êềểễếệ iìỉĩíị oòỏõóọ ôồổỗốộ ơờởỡớợ uùủũúụ ưừửữứự yỳỷỹýỵ"
SENTENCES = (
    "Sở Khoa học và Công nghệ tỉnh Thanh Hóa báo cáo kết quả thực hiện",
    "Ủy ban nhân dân phường Hạc Thành đã ký số 100% văn bản điện tử",
    "Ngầm hóa, chỉnh trang mạng cáp với chiều dài 614,025 km",
    "Quỹ bảo vệ rừng; nghĩa vụ quân sự; khuỷu tay, ngoằn ngoèo, giếng khơi, quýt ngọt",
    "Đẩy mạnh chuyển đổi số, cải cách thủ tục hành chính ở xã Như Xuân",
    "công tác là gì", "toà án", "hoá", "và", "vô", "né", "bí thư",
)  # fmt: skip
FOREIGN = (
    "Noël à Paris, où est la forêt ?", "été né thé tôt", "naïve coïncidence", "Loïc Haïti", "L'hôtel dû", "maïs",
    "Größe für Straße", "señor ñandú", "«Bonjour»", "5 µm", "N·m", "25 °C ± 2", "12 km²", "© 2026", "A¹ và B¹",
)  # fmt: skip


def inverse_tcvn3(text: str) -> str:
    """The ABC keyboard layout read the other way, written from the font's character map."""
    table = dict(
        zip(
            "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ",
            bytes.fromhex(
                "b5b6b7b8b9 a8bbbcbdbec6 a9c7c8c9cacb ae cccecfd0d1 aad2d3d4d5d6 d7d8dcddde dfe1e2e3e4 abe5e6e7e8e9"
                "aceaebecedee eff1f2f3f4 adf5f6f7f8f9 fafbfcfdfe"
            ).decode("latin-1"),
            strict=True,
        )
    )
    return "".join(table.get(char, char) for char in text)


def inverse_vni(text: str) -> str:
    """Base letter and mark, composed by rule: the tone's letter depends on whether the vowel bears â or ă."""
    own = {"ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ", "ơ": "ô", "ư": "ö"}
    tone = dict(zip("\u0300\u0301\u0309\u0303\u0323", "øùûõï", strict=True))
    circumflex = dict(zip("\u0300\u0301\u0309\u0303\u0323", "àáåãä", strict=True))
    breve = dict(zip("\u0300\u0301\u0309\u0303\u0323", "èéúüë", strict=True))
    written = []
    for char in text:
        marks = unicodedata.normalize("NFD", char)
        tones = [mark for mark in marks if mark in tone]
        if char in own or char.isascii():
            written.append(own.get(char, char))
        elif "\u0302" in marks:
            written.append(marks[0] + (circumflex[tones[0]] if tones else "â"))
        elif "\u0306" in marks:
            written.append(marks[0] + (breve[tones[0]] if tones else "ê"))
        else:
            base = {"\u031b": own.get(marks[0] + "\u031b", {"o": "ô", "u": "ö"}.get(marks[0], ""))}
            written.append((base["\u031b"] if "\u031b" in marks else marks[0]) + tone[tones[0]])
    return "".join(written)


words = st.sampled_from(
    sorted({word.strip(",;.%").lower() for line in SENTENCES for word in line.split() if word.strip(",;.%").isalpha()})
)
phrases = st.lists(words, min_size=3, max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        (unicodedata.normalize("NFD", "Ủy ban  Thuỷ"), "Ủy ban Thuỷ"),
        ("e\u0323\u0302", "ệ"),
        ("Sở\u00a0KH\u200b&CN\ufeff", "Sở KH&CN"),
        ("Ng\u00adhệ An", "Nghệ An"),
        ("Ðà, ðường", "Đà, đường"),
        ("\u2018a\u2019", "'a'"),
        ("\uff11\uff12 \uff33\u1edf", "12 Sở"),
        ("  a \t b \r\n c  \n", "a b\nc"),
    ],
)
def test_clean(written: str, cleaned: str) -> None:
    assert clean(written) == cleaned


@settings(deadline=None)  # a busy machine is no fault
@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert unicodedata.is_normalized("NFC", clean(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Xã Hoá Quỳ", "xã Hóa Quỳ"),
        ("THUỶ", "Thủy"),
        ("Qùy Hợp", "quỳ hợp"),
        ("Qúy", "quý"),
        ("Uỷ ban", "Ủy ban"),
        ("Toà", "tòa"),
        ("khoẻ", "khỏe"),
        ("gìa", "già"),
        ("Sở KH&CN", "Sở KH và CN"),
        ("Sở KH-CN", "sở KH – CN"),
        ("X.Hạc Thành", "X. Hạc  Thành"),
        ("Sở\u00a0Y tế", unicodedata.normalize("NFD", "SỞ Y TẾ")),
    ],
)
def test_spellings_share_a_name_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Đông Tiến", "Đồng Tiến"), ("Sở KHĐT", "Sở KHCN"), ("Xã Hoa", "Xã Hoà"), ("Mía", "Mĩa"), ("Sở KHCN", "Sở KH CN")],
)
def test_other_names_keep_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    "word", ["khuỷu", "ngoèo", "giếng", "quốc", "quyển", "giữa", "mía", "của", "hoàn", "xoáy", "gì"]
)
def test_name_key_leaves_settled_spellings(word: str) -> None:
    assert name_key(word) == word


def test_no_two_units_of_a_province_share_a_key() -> None:
    reference = ROOT / "data" / "reference"
    with (reference / "org_units.csv").open(encoding="utf-8", newline="") as file:
        units = {row["code"]: row for row in csv.DictReader(file)}
    with (reference / "aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    meant: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        home = row["org_unit"]
        while units[home]["kind"] not in ("province", "country"):
            home = units[home]["parent"]
        meant.setdefault((home, name_key(row["alias"])), set()).add(row["org_unit"])
    assert len(rows) > 3000
    assert {key: codes for key, codes in meant.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("UBND xã Hoá Quỳ", "hoa quy"), ("Uỷ ban nhân dân phường Đông Tiến", "dong tien"),
        ("xa con cuong", "con cuong"),
        ("Huyện Tĩnh Gia", "tinh gia"), ("Xá Lượng", "xa luong"), ("Sở Tài chính", "tai chinh"), ("TP. Vinh", "vinh"),
        ("Sở", "so"), ("P. Hạc Thành", "hac thanh"), ("Tỉnh Nghệ An", "nghe an"),
    ],
)  # fmt: skip
def test_search_key(text: str, key: str) -> None:
    assert search_key(text) == key


def test_plain_key_drops_marks_only() -> None:
    assert plain_key("UBND  xã Đường Đỗ") == "ubnd xa duong do"


def test_sort_order_of_every_letter() -> None:
    alphabet = [char for group in LETTERS.split() for char in group] + list("bcdđfghjklmnpqrstvwxz")
    plain_order = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
    vowels = {group[0]: list(group) for group in LETTERS.split()}
    expected = [char for letter in plain_order for char in vowels.get(letter, [letter])]
    assert sorted(alphabet, key=sort_key) == expected


def test_sort_order_of_names() -> None:
    expected = [
        "An", "An Hòa", "Anh Sơn", "Ân", "Bình", "Ca", "Cà", "Dương", "Đông", "Đồng", "Đức", "Phường 2", "Phường 10",
        "Tiến", "Ý Yên",
    ]  # fmt: skip
    assert all(sort_key(one) < sort_key(other) for one, other in pairwise(expected))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Së Khoa häc vµ C«ng nghÖ", "TCVN3"), ("Sôû Khoa hoïc vaø Coâng ngheä", "VNI")],
)
@pytest.mark.parametrize("with_font", [True, False])
def test_known_legacy_text(text: str, encoding: str, with_font: bool) -> None:
    font = {"TCVN3": ".VnTime", "VNI": "VNI-Times"}[encoding] if with_font else None
    assert decode_legacy(text, font) == ("Sở Khoa học và Công nghệ", encoding)


@pytest.mark.parametrize(
    ("text", "font", "decoded"),
    [
        ("céng hoµ x· héi", ".VnTimeH", "CỘNG HOÀ XÃ HỘI"),
        ("Uû ban nh©n d©n x· Nh\u00ad Xu©n", None, "Uỷ ban nhân dân xã Như Xuân"),
        ("Së Y tÕ", None, "Sở Y tế"),
        ("§¬n vÞ b¸o c¸o:", None, "Đơn vị báo cáo:"),
        ("SÔÛ Y TEÁ", None, "SỞ Y TẾ"),
        ("ÑÔN VÒ BAÙO CAÙO", None, "ĐƠN VỊ BÁO CÁO"),
        ("Thaùng 3/2026", None, "Tháng 3/2026"),
        ("Naêm 2026", "VNI-Helve", "Năm 2026"),
    ],
)
def test_legacy_text(text: str, font: str | None, decoded: str) -> None:
    assert decode_legacy(text, font)[0] == decoded


@settings(deadline=None)
@given(st.sampled_from([char for group in LETTERS.split() for char in group] + ["đ"]))
def test_every_letter_of_both_tables(letter: str) -> None:
    assert decode_legacy(inverse_tcvn3(f"b{letter}"), ".VnTime")[0] == f"b{letter}"
    assert decode_legacy(inverse_vni(f"b{letter}"), "VNI-Times")[0] == f"b{letter}"


@settings(deadline=None)
@given(phrases)
def test_round_trip_through_both_encodings(phrase: str) -> None:
    assert decode_legacy(inverse_tcvn3(phrase), ".VnArial")[0] == phrase
    assert decode_legacy(inverse_vni(phrase), "VNI-Times")[0] == phrase


@settings(deadline=None)
@given(phrases)
def test_unicode_is_never_touched(phrase: str) -> None:
    assert decode_legacy(phrase, None) == (phrase, None)


@pytest.mark.parametrize("text", [*SENTENCES, *FOREIGN, "", "Thanh Hoa 2026", unicodedata.normalize("NFD", "và")])
def test_text_that_is_not_legacy(text: str) -> None:
    assert decode_legacy(text, None) == (text, None)


@pytest.mark.parametrize("text", ["Sở Nội vụ", "công tác", "là", "THANH HOA"])
@pytest.mark.parametrize("font", [".VnTime", ".VnTimeH"])
def test_unicode_in_a_cell_that_kept_its_old_font(text: str, font: str) -> None:
    assert decode_legacy(text, font) == (text, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("83", 83), ("1.038", 1038), ("614,025", 614.025), ("6.054.340", 6054340), ("1 234", 1234),
        ("1\u00a0234", 1234), ("1'234", 1234), ("1\u2019234", 1234), ("90.5", 90.5), ("90,5", 90.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5), ("1,234,567", 1234567), ("0.905", 0.905), ("90.1234", 90.1234), ("'12", 12), (" 12 ", 12),
        ("\uff11\uff12", 12), ("-5", -5), ("\u22125", -5), ("1 234 567,8", 1234567.8), ("12.", 12),
    ],
)  # fmt: skip
def test_plain_numbers(text: str, value: float) -> None:
    number = parse_number(text)
    assert number is not None
    assert (number.value, number.qualifier, number.status, number.percent) == (value, "", "reported", False)
    assert number.trace == ""


@pytest.mark.parametrize(
    ("text", "value", "trace"),
    [
        ("12 nhiệm vụ", 12, "nhiệm vụ"), ("5 thôn", 5, "thôn"), ("12 km²", 12, "km²"), ("5¹", 5, "¹"), ("5 *", 5, "*"),
        ("25/5/2026: 12", 12, "25/5/2026"), ("Đạt 12 xã", 12, "Đạt; xã"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_traced(text: str, value: float, trace: str) -> None:
    number = parse_number(text)
    assert number is not None
    assert (number.value, number.trace) == (value, trace)


@pytest.mark.parametrize("text", ["90,5%", "90.5 %", "90,5 phần trăm", "đạt 90,5%"])
def test_percent_sign(text: str) -> None:
    number = parse_number(text)
    assert number is not None
    assert (number.value, number.percent) == (90.5, True)


@pytest.mark.parametrize(
    ("text", "qualifier", "value", "value_to"),
    [
        ("trên 90%", "gt", 90, None), ("hơn 90", "gt", 90, None), ("> 0,7", "gt", 0.7, None), ("≥ 90", "ge", 90, None),
        (">=90", "ge", 90, None), ("từ 80 trở lên", "ge", 80, None), ("ít nhất 5 thôn", "ge", 5, None),
        ("không dưới 50%", "ge", 50, None), ("dưới 4", "lt", 4, None), ("< 4", "lt", 4, None), ("≤ 4", "le", 4, None),
        ("không quá 10", "le", 10, None), ("khoảng 20", "approx", 20, None), ("gần 30", "approx", 30, None),
        ("40 - 50", "range", 40, 50), ("16-18", "range", 16, 18), ("từ 40 đến 50%", "range", 40, 50),
        ("TREN 90", "gt", 90, None), (unicodedata.normalize("NFD", "Trên 1.200"), "gt", 1200, None),
    ],
)  # fmt: skip
def test_qualifiers(text: str, qualifier: str, value: float, value_to: float | None) -> None:
    number = parse_number(text)
    assert number is not None
    assert (number.qualifier, number.value, number.value_to) == (qualifier, value, value_to)


@pytest.mark.parametrize(
    ("text", "numerator", "denominator", "value"),
    [
        ("3/81", 3, 81, None), ("3 / 81", 3, 81, None), ("03/81", 3, 81, None), ("3/81 (3,7%)", 3, 81, 3.7),
        ("3 trên 81", 3, 81, None), ("100% (166/166)", 166, 166, 100), ("3.870/6.000 hồ sơ", 3870, 6000, None),
        ("166/166 xã, phường đạt 100%", 166, 166, 100), ("0/0", 0, 0, None), ("3 trên tổng số 81", 3, 81, None),
    ],
)  # fmt: skip
def test_ratios(text: str, numerator: float, denominator: float, value: float | None) -> None:
    number = parse_number(text)
    assert number is not None
    assert (number.numerator, number.denominator, number.value) == (numerator, denominator, value)
    assert number.percent is (value is not None)
    assert number.status == "reported"


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        (("-", "–", "—", "không", "Không phát sinh", "KHONG PHAT SINH", " không "), "no_activity"),
        (("x", "X", "KXĐ", "kxđ", "N/A", "n/a", "không thuộc phạm vi"), "not_applicable"),
        (("", " ", "\u00a0", "…", "...", "....", "Chưa có số liệu", "đang tổng hợp", "chưa có số liệu (đang tổng hợp)"),
         "not_reported"),
    ],
)  # fmt: skip
def test_words_instead_of_numbers(texts: tuple[str, ...], status: str) -> None:
    for text in texts:
        number = parse_number(unicodedata.normalize("NFD", text))
        assert number is not None, text
        assert (number.status, number.value, number.numerator) == (status, None, None), text


@pytest.mark.parametrize(
    "text",
    ["abc", "(5)", "#REF!", "12 lớp, 1.036 người", "1.2.3", "1.234.5", "1234.567", "5 triệu", "3/8/2026", "2026-05-12",
     "5 - 3", "1,23,456", "12 34", "một", "12 " + "rất dài " * 40],
)  # fmt: skip
def test_unreadable_numbers(text: str) -> None:
    assert parse_number(text) is None


def test_a_count_that_is_not_whole_is_noted() -> None:
    count = parse_number("614,025", integer=True)
    assert count is not None
    assert (count.value, count.trace) == (614.025, "không nguyên")
    whole = parse_number("1,234,567", integer=True)
    assert whole is not None
    assert (whole.value, whole.trace) == (1234567, "")


@settings(deadline=None)
@given(st.floats(min_value=-1e12, max_value=1e12), st.integers(0, 6))
def test_formatted_numbers_read_back(value: float, decimals: int) -> None:
    number = parse_number(format_number(value, decimals))
    assert number is not None
    assert number.value == round(value, decimals)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    number = parse_number(text)
    assert number is None or number.status in {"reported", "no_activity", "not_applicable", "not_reported"}
    assert isinstance(decode_legacy(text, None)[0], str)
    assert name_key(name_key(text)) == name_key(text)
    assert search_key(text).isprintable() or not text.isprintable()


def test_output() -> None:
    assert format_number(1234.5, 1) == "1.234,5"
    assert format_number(1038) == "1.038"
    assert format_number(-0.2) == "0"
    assert format_number(-1234567.891, 2) == "-1.234.567,89"
    assert format_date(date(2026, 3, 5)) == "05/03/2026"
