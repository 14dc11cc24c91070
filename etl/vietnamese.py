"""Text and numbers as people here write them.

Pure functions: cleaning, keys for matching, searching and sorting, the two legacy encodings, numbers and dates in
Vietnamese notation. Nothing here knows a unit, a form or an indicator.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

# --- cleaning -------------------------------------------------------------------------------------------------------

_INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff" + "".join(
    map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
)
_LOOK_ALIKES = {
    "ð": "đ", "Ð": "Đ", "ɖ": "đ", "Ɖ": "Đ",
    "‘": "'", "’": "'", "‛": "'", "ʼ": "'", "´": "'", "`": "'", "′": "'", "⁄": "/", "∕": "/",
}  # fmt: skip
_CLEANING = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(_INVISIBLE, "")
    | _LOOK_ALIKES
    | {"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n"}
)
_BLANKS = re.compile(r"[^\S\n]+")


def clean(text: str) -> str:
    """The text in NFC, without invisible characters and look-alikes, blanks collapsed; line breaks stay as `\\n`.

    TCVN3 uses the soft hyphen as a letter: `decode_legacy` comes before this.
    """
    return _clean_short(text) if len(text) <= _SHORT else _clean(text)


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANING)
    if not text.isprintable():
        text = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")
    lines = _BLANKS.sub(" ", unicodedata.normalize("NFC", text).translate(_CLEANING)).split("\n")
    return "\n".join(line.strip() for line in lines).strip()


_SHORT = 200  # names and labels come again and again; prose does not, and would fill the memory
_clean_short = lru_cache(maxsize=16_384)(_clean)


# --- letters, tones, syllables --------------------------------------------------------------------------------------

_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of the dictionary
_PLAIN_VOWELS = frozenset("aeiouy")
_MARKED_VOWELS = frozenset("ăâêôơư")
_VOWELS = _PLAIN_VOWELS | _MARKED_VOWELS
_WORD = re.compile(r"[^\W\d_]+")


def _without_tone(word: str) -> tuple[str, list[str]]:
    """The word (NFC) without its tone marks, and the marks that stood there, in order."""
    decomposed = unicodedata.normalize("NFD", word)
    tones = [char for char in decomposed if char in _TONES]
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONES)), tones


def _tone_position(word: str) -> int | None:
    """Index of the vowel that bears the tone in a lower-case syllable without tone; None if it has no vowel.

    The traditional placement (hòa, thủy): a marked vowel first, else the last vowel before a final consonant, else
    the first of two and the middle of three.
    """
    start = 0
    while start < len(word) and word[start] not in _VOWELS:
        start += 1
    after = word[start + 1 : start + 2]
    if start and after in _VOWELS and (word[:start] + word[start] in ("qu", "gi")):
        start += 1  # the u of qu and the i of gi belong to the initial consonant
    end = start
    while end < len(word) and word[end] in _VOWELS:
        end += 1
    if end == start:
        return None
    marked = [index for index in range(start, end) if word[index] in _MARKED_VOWELS]
    if marked:
        return marked[-1]
    if end < len(word):
        return end - 1
    return start + (end - start - 1) // 2


@lru_cache(maxsize=8192)
def _with_one_tone_place(word: str) -> str:
    """hoà and hòa, qúy and quý become one spelling; words that are no syllable with one tone stay as they are."""
    bare, tones = _without_tone(word)
    if len(tones) != 1:
        return word
    place = _tone_position(bare)
    if place is None:
        return word
    return unicodedata.normalize("NFC", bare[: place + 1] + tones[0] + bare[place + 1 :])


_INITIAL_LIST = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIME_LIST = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu y yêm yên yêng yêt yêu ya ych yn ynh yp yt yu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op
ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uê uêch uênh uêu uc ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy uya uych uyên uyêt
uyn uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
"""
_INITIALS = frozenset(["", *_INITIAL_LIST.split()])
_RIMES = frozenset(_RIME_LIST.split())


def _is_syllable(word: str) -> bool:
    """Whether the word is built like a Vietnamese syllable: known initial, known rime, a tone that the final bears."""
    bare, tones = _without_tone(word.lower())
    is_mixed = not (word.islower() or word.isupper() or word[1:].islower())  # tÕ is no spelling of tõ
    if len(tones) > 1 or is_mixed:
        return False
    if bare.endswith(("c", "ch", "p", "t")) and (not tones or tones[0] not in _TONES[3:]):
        return False
    is_placed = bare.endswith(("oa", "oe", "uy")) or _with_one_tone_place(word.lower()) == word.lower()
    return is_placed and any(bare[:cut] in _INITIALS and bare[cut:] in _RIMES for cut in range(min(4, len(bare))))


# --- keys -----------------------------------------------------------------------------------------------------------

_SEPARATORS = re.compile(r"(?<!\d)[.\-‐‑‒–—−]+|[.\-‐‑‒–—−]+(?!\d)")
_MANY_BLANKS = re.compile(r"\s+")


def name_key(text: str) -> str:
    """Key for matching whole names: case, tone placement, `&`, hyphens and dots do not matter; marks do."""
    return _short_name_key(text) if len(text) <= _SHORT else _name_key(text)


def _name_key(text: str) -> str:
    folded = unicodedata.normalize("NFC", clean(text).casefold()).replace("&", " và ")
    folded = _SEPARATORS.sub(" ", folded)
    folded = _WORD.sub(lambda match: _with_one_tone_place(match.group()), folded)
    return _MANY_BLANKS.sub(" ", folded).strip()


_short_name_key = lru_cache(maxsize=16_384)(_name_key)


def _strip_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).replace("đ", "d").replace("Đ", "D")


def plain_key(text: str) -> str:
    """Lower case without marks (đ → d), blanks collapsed; not unique: Đông Tiến and Đồng Tiến share it."""
    return _MANY_BLANKS.sub(" ", _strip_accents(clean(text)).casefold()).strip()


_AGENCY_WORDS = ("ủy ban nhân dân", "ubnd", "sở")
_KIND_WORDS = (
    "thành phố", "thị trấn", "thị xã", "phường", "huyện", "quận", "tỉnh", "xã", "tp", "tt", "tx", "p", "x", "h",
)  # fmt: skip


def _without_first(words: tuple[str, ...], key: str) -> str:
    for word in words:
        # a name may begin with a word that differs from a type word by its marks alone (Tĩnh Gia, Xá Lượng)
        for spelling in {word, plain_key(word)}:
            if key.startswith(spelling + " ") and (spelling == word or key.isascii()):
                return key[len(spelling) + 1 :]
    return key


def search_key(text: str) -> str:
    """`plain_key` without the agency and type words in front: `UBND xã Hoá Quỳ` → `hoa quy`."""
    return plain_key(_without_first(_KIND_WORDS, _without_first(_AGENCY_WORDS, name_key(text))))


_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: chr(0x40 + index) for index, letter in enumerate(_ALPHABET)}
_FIRST_LEVEL = re.compile(r"\d+|\w|[^\w]+")


def sort_key(text: str) -> str:
    """Key whose plain comparison is the Vietnamese order: letters (ă after a, đ after d), then tones, digits by value.

    Blank sorts before digits, digits before letters; case and spelling decide last.
    """
    text = clean(text)
    letters: list[str] = []
    tones: list[str] = []
    for token in _FIRST_LEVEL.findall(text.lower()):
        if token.isdecimal():
            value = str(int(token)) if len(token) < 4000 else token
            letters.append(f"{len(value):04d}{value}")
            continue
        bare, marks = _without_tone(token)
        base = bare if bare in _RANK else _strip_accents(bare)
        if base in _RANK:
            letters.append(_RANK[base])
            tones.append(str(_TONES.index(marks[0]) + 1 if marks else 0))
        elif token.isalnum():
            letters.append("\x7f" + token)
        else:
            letters.append(" ")
    return f"{''.join(letters).strip()}\t{''.join(tones)}\t{text}"


# --- legacy encodings -----------------------------------------------------------------------------------------------


def _pairs(legacy: str, unicode_text: str) -> dict[str, str]:
    return dict(zip(legacy.split(), unicode_text.split(), strict=True))


# TCVN 5712:1993, character set VN3 ("ABC"), as its bytes look in Windows-1252. Its five combining tones (0xB0-0xB4)
# are left out: the .Vn fonts do not use them, and ° ² ³ would be lost.
_TCVN3 = _pairs(
    "µ ¶ · ¸ ¹ ¨ » ¼ ½ ¾ Æ © Ç È É Ê Ë ® Ì Î Ï Ð Ñ ª Ò Ó Ô Õ Ö × Ø Ü Ý Þ ß á â ã ä « å æ ç è é ¬ ê ë ì í î",
    "à ả ã á ạ ă ằ ẳ ẵ ắ ặ â ầ ẩ ẫ ấ ậ đ è ẻ ẽ é ẹ ê ề ể ễ ế ệ ì ỉ ĩ í ị ò ỏ õ ó ọ ô ồ ổ ỗ ố ộ ơ ờ ở ỡ ớ ợ",
) | _pairs(
    "ï ñ ò ó ô \u00ad õ ö ÷ ø ù ú û ü ý þ ¡ ¢ £ ¤ ¥ ¦ §",
    "ù ủ ũ ú ụ ư ừ ử ữ ứ ự ỳ ỷ ỹ ý ỵ Ă Â Ê Ô Ơ Ư Đ",
)

# VNI for Windows: a base letter and a second character for its marks; i, ơ, ư, đ and ỵ have characters of their own.
_VNI_LOWER = _pairs(
    "aø aù aû aõ aï aâ aà aá aå aã aä aê aè aé aú aü aë eø eù eû eõ eï eâ eà eá eå eã eä ì í æ ó ò",
    "à á ả ã ạ â ầ ấ ẩ ẫ ậ ă ằ ắ ẳ ẵ ặ è é ẻ ẽ ẹ ê ề ế ể ễ ệ ì í ỉ ĩ ị",
) | _pairs(
    "oø où oû oõ oï oâ oà oá oå oã oä ô ôø ôù ôû ôõ ôï uø uù uû uõ uï ö öø öù öû öõ öï yø yù yû yõ î ñ",
    "ò ó ỏ õ ọ ô ồ ố ổ ỗ ộ ơ ờ ớ ở ỡ ợ ù ú ủ ũ ụ ư ừ ứ ử ữ ự ỳ ý ỷ ỹ ỵ đ",
)
_VNI = (
    _VNI_LOWER
    | {code.upper(): letter.upper() for code, letter in _VNI_LOWER.items()}
    | {code[0].upper() + code[1]: letter.upper() for code, letter in _VNI_LOWER.items() if len(code) == 2}
)
_VNI_CODES = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))
_TABLES = {"TCVN3": _TCVN3, "VNI": _VNI}


def _words_of(table: dict[str, str]) -> re.Pattern[str]:
    """Runs of letters, counting the signs that this encoding uses as letters."""
    signs = sorted({char for code in table for char in code if not char.isascii()})
    return re.compile(rf"(?:[^\W\d_]|[{re.escape(''.join(signs))}])+")


_LEGACY_WORDS = {encoding: _words_of(table) for encoding, table in _TABLES.items()}
_ONLY_UNICODE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9\u0300-\u036f]")


def _decode_tcvn3(text: str) -> str | None:
    """None where a letter stands that the encoding does not have."""
    if any(char not in _TCVN3 and not char.isascii() and char.isalpha() for char in text):
        return None
    return "".join(_TCVN3.get(char, char) for char in text)


def _decode_vni(text: str) -> str | None:
    rest = _VNI_CODES.sub("", text)
    if any(not char.isascii() and char.isalpha() for char in rest):
        return None
    return _VNI_CODES.sub(lambda match: _VNI[match.group()], text)


_DECODERS = {"TCVN3": _decode_tcvn3, "VNI": _decode_vni}


def _encoding_of_font(font: str | None) -> str | None:
    name = (font or "").strip().casefold()
    if name.startswith(".vn"):
        return "TCVN3"
    return "VNI" if name.startswith("vni-") else None


def _word_pairs(text: str, encoding: str) -> Iterator[tuple[str, str]]:
    """Each word as it stands and as it would be decoded; signs that the encoding uses as letters count as letters."""
    for match in _LEGACY_WORDS[encoding].finditer(text):
        decoded = _DECODERS[encoding](match.group())
        yield match.group(), decoded if decoded is not None else match.group()


def _looks_like(text: str, encoding: str) -> bool:
    """Conservative recognition by letters: (nearly) all words become syllables, and several were none before."""
    marked = [(word, decoded) for word, decoded in _word_pairs(text, encoding) if not word.isascii()]
    plain = [word for word, _ in _word_pairs(text, encoding) if word.isascii() and not word.isupper()]
    gained = [word for word, decoded in marked if _is_syllable(decoded) and not _is_syllable(word)]
    good = sum(_is_syllable(decoded) for _, decoded in marked)
    if not gained or good < 0.9 * len(marked):
        return False
    if good + sum(map(_is_syllable, plain)) < 0.8 * (len(marked) + len(plain)):
        return False
    # a single word may be a name (Loïc) or a measure (N·m, µm): it must be long, and none of it usual elsewhere
    least = 3 if encoding == "TCVN3" else 4
    return len(gained) > 1 or sum(char.isascii() for char in gained[0]) >= least


def _font_is_believed(text: str, decoded: str, encoding: str) -> bool:
    """Unicode text often stands in a cell that kept its old font: more syllables must not be lost than gained."""
    pairs = [(word, after) for word, after in _word_pairs(text, encoding) if not word.isascii()]
    return decoded != text and sum(_is_syllable(a) for _, a in pairs) >= sum(_is_syllable(w) for w, _ in pairs)


def decode_legacy(text: str, font: str | None) -> tuple[str, str | None]:
    """The text in Unicode and the legacy encoding it was in: `TCVN3`, `VNI`, or None (text unchanged).

    Believes a font (`.Vn*`, those ending in H show capitals; `VNI-*`) unless the text is plainly Unicode; without
    such a font it recognises by letters, in doubt not at all.
    """
    if text.isascii() or _ONLY_UNICODE.search(text):
        return text, None
    return _decode_short(text, font) if len(text) <= _SHORT else _decode(text, font)


def _decode(text: str, font: str | None) -> tuple[str, str | None]:
    named = _encoding_of_font(font)
    for encoding in (named,) if named else ("TCVN3", "VNI"):
        decoded = _DECODERS[encoding](text)
        if decoded is None or decoded == text:
            continue
        if named and _font_is_believed(text, decoded, encoding):
            is_capital = encoding == "TCVN3" and (font or "").strip().casefold().endswith("h")
            return (decoded.upper() if is_capital else decoded), encoding
        if not named and _looks_like(text, encoding):
            return decoded, encoding
    return text, None


_decode_short = lru_cache(maxsize=8_192)(_decode)


# --- numbers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """What a cell's text says: a value (with its upper end if `range`), or n of d, or why there is none.

    `status` and `qualifier` are the values of `model.Status` and `model.Qualifier`; `percent`: a % sign stood with
    the value. `trace` names what was left out while reading, empty if nothing.
    """

    value: float | None
    value_to: float | None
    qualifier: str
    status: str
    numerator: float | None
    denominator: float | None
    percent: bool
    trace: str


_STATUS_WORDS = {
    "no_activity": ("-", "khong", "khong phat sinh", "khong co phat sinh", "khong co", "chua phat sinh"),
    "not_applicable": (
        "x", "kxd", "n/a", "na", "khong thuoc pham vi", "khong ap dung", "khong xac dinh", "ngoai pham vi",
    ),
    "not_reported": (
        "", "...", "chua co so lieu", "khong co so lieu", "dang tong hop", "chua tong hop", "dang cap nhat",
        "chua cap nhat", "chua bao cao", "chua thong ke", "dang thong ke", "chua co", "chua ro",
    ),
}  # fmt: skip
_STATUS_OF = {word: status for status, words in _STATUS_WORDS.items() for word in words}

# Longest first: `không dưới` is no `dưới`.
_QUALIFIER_WORDS = {
    "khong duoi": "ge", "khong it hon": "ge", "khong nho hon": "ge", "khong thap hon": "ge", "it nhat": "ge",
    "toi thieu": "ge", ">=": "ge", "≥": "ge", "tu": "ge",
    "khong qua": "le", "khong vuot qua": "le", "khong lon hon": "le", "khong nhieu hon": "le", "toi da": "le",
    "nhieu nhat": "le", "<=": "le", "≤": "le",
    "lon hon": "gt", "nhieu hon": "gt", "cao hon": "gt", "tren": "gt", "hon": "gt", "vuot": "gt", ">": "gt",
    "nho hon": "lt", "it hon": "lt", "thap hon": "lt", "duoi": "lt", "chua den": "lt", "chua toi": "lt", "<": "lt",
    "xap xi": "approx", "khoang": "approx", "gan": "approx", "uoc dat": "approx", "uoc tinh": "approx",
    "uoc": "approx", "~": "approx", "≈": "approx",
}  # fmt: skip
_NUMERAL = r"[-−–]?\d(?:[\d.,']|[ ](?=\d{3}(?!\d)))*"
_PERCENT = r"\s*(?:%|phan tram\b)"
_SPLIT = r"\s*(?:/|\btren(?:\s+tong(?:\s+so)?)?\b)\s*"
_TAIL = r"(?P<tail>\s*[^\W\d_(][^\d%]*|\s*\([^\d%]*)?"
_BRIDGE = r"[^\d%/]*?"
_QUALIFIER = re.compile(
    r"(?P<word>"
    + "|".join(sorted(map(re.escape, _QUALIFIER_WORDS), key=len, reverse=True))
    + r")(?:\s+la)?(?=[\s\d])\s*"
)
_LEAD_IN = re.compile(
    r"(?:(?:dat|duoc|la|co|chiem|tong so|tong cong|tong|cong|ty le|ti le|so luong)\b[\s:]*)+(?=\D*\d)"
)
_DATED = re.compile(r"(?:(?:tinh )?den )?(?:het )?(?:ngay )?\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\s*:\s*")
_FOOTNOTE = re.compile(r"(?<!m)[¹²³⁰⁴-⁹]+|\(\*+\)|\*+")
_OR_MORE = re.compile(r"\s*(?:tro len|tro di)\b|\+$")
_OR_LESS = re.compile(r"\s*tro xuong\b")
_LONGEST_NUMBER_TEXT = 200  # more is prose, whatever numbers stand in it
_SCALE = re.compile(r"^(?:nghin|ngan|trieu|ty|ti|tr|k)\b")
_RATIO_FORM = re.compile(
    rf"(?P<n>{_NUMERAL}){_SPLIT}(?P<d>{_NUMERAL})(?:{_BRIDGE}(?P<p>{_NUMERAL}){_PERCENT}\s*\)?|{_TAIL})\.?"
)
_PERCENT_RATIO_FORM = re.compile(
    rf"(?P<p>{_NUMERAL}){_PERCENT}{_BRIDGE}(?P<n>{_NUMERAL})/(?P<d>{_NUMERAL})\s*\)?{_TAIL}"
)
_RANGE_FORM = re.compile(
    rf"(?P<a>{_NUMERAL})(?P<pa>{_PERCENT})?\s*(?:[-–—~]|\bden\b)\s*(?P<b>\d(?:[\d.,']|[ ](?=\d{{3}}(?!\d)))*)"
    rf"(?P<p>{_PERCENT})?{_TAIL}"
)
_PLAIN_FORM = re.compile(rf"(?P<a>{_NUMERAL})(?P<p>{_PERCENT})?{_TAIL}")


def _status_of(plain: str) -> str | None:
    """The status that the folded text names, or None; several words must agree."""
    text = re.sub(r"\.{2,}", "...", re.sub(r"[-–—−_]+", "-", plain.replace("…", "...")))
    whole = text if text in ("...", "-") else text.rstrip(".:;! ")
    if whole in _STATUS_OF:
        return _STATUS_OF[whole]
    found = {_STATUS_OF.get(part.strip()) for part in re.split(r"[,;()\n]", whole) if part.strip()}
    return found.pop() if len(found) == 1 else None


def _numeral(text: str) -> float | None:
    """A numeral in Vietnamese notation: comma decimal, dots thousands; other groupings where they are plain."""
    sign = -1.0 if text[0] in "-−–" else 1.0
    digits = text.lstrip("-−–").rstrip(".,' ")
    if re.search(r"[ ']", digits):
        if not re.fullmatch(r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?", digits):
            return None
        whole, _, fraction = re.sub(r"[ ']", "", digits).replace(",", ".").partition(".")
        return sign * float(f"{whole}.{fraction or 0}")
    if re.fullmatch(r"\d+", digits):
        return sign * float(digits)
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?", digits):
        return sign * float(digits.replace(".", "").replace(",", "."))
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+\.\d+|[1-9]\d{0,2}(?:,\d{3}){2,}", digits):
        return sign * float(digits.replace(",", ""))
    if re.fullmatch(r"\d+,\d+", digits):
        return sign * float(digits.replace(",", "."))
    # 1234.567 could mean either: a group before the dot has at most three digits
    if re.fullmatch(r"\d+\.(?:\d{1,2}|\d{4,})|0\.\d+", digits):
        return sign * float(digits)
    return None


def _without_front(pattern: re.Pattern[str], text: str, trace: list[str]) -> str:
    match = pattern.match(text)
    if not match:
        return text
    trace.append(match.group().strip(" :"))
    return text[match.end() :].lstrip()


def parse_number(text: str, *, integer: bool = False) -> Number | None:
    """Reads a number cell; None if it is unreadable. Contract of statuses and qualifiers: `Number`.

    `1.038` is 1038 and `614,025` is 614.025, always. A word of scale (`5 triệu`) is unreadable: whether the column
    counts in millions is not known here. `integer` only notes in the trace that the value is not whole.
    """
    trace: list[str] = []
    written = clean(text).replace("\n", " ").lstrip("' ")
    as_folded = folded = _strip_accents(written).casefold()
    if (status := _status_of(folded)) is not None:
        return Number(None, None, "", status, None, None, False, "")
    if len(folded) > _LONGEST_NUMBER_TEXT:
        return None
    if marks := _FOOTNOTE.findall(folded):
        trace.extend(marks)
        folded = _FOOTNOTE.sub("", folded).strip()
    folded = _without_front(_DATED, folded.rstrip(" .,;:"), trace)
    folded = _without_front(_LEAD_IN, folded, trace)
    number = _read(folded, trace)
    if number is None:
        return None
    if len(written) == len(as_folded):  # say what was left out in the sender's own spelling
        places = [(as_folded.find(piece), len(piece)) for piece in trace]
        trace = [written[at : at + size] for at, size in places if at >= 0]
    if integer and number.value is not None and not number.value.is_integer():
        trace.append("không nguyên")
    return replace(number, trace="; ".join(trace))


def _read(folded: str, trace: list[str]) -> Number | None:
    qualifier = ""
    if match := _RANGE_FORM.fullmatch(re.sub(r"^tu\s+", "", folded)):
        return _read_range(match, trace)
    if match := _QUALIFIER.match(folded):
        qualifier = _QUALIFIER_WORDS[match["word"]]
        folded = folded[match.end() :]
    for pattern, meaning in ((_OR_MORE, "ge"), (_OR_LESS, "le")):
        if match := pattern.search(folded):
            qualifier = meaning
            folded = (folded[: match.start()] + folded[match.end() :]).strip()
    match = _RATIO_FORM.fullmatch(folded) or _PERCENT_RATIO_FORM.fullmatch(folded)
    if match:
        return _read_ratio(match, qualifier, trace)
    match = _PLAIN_FORM.fullmatch(folded)
    if not match or not _note_tail(match["tail"], trace) or (value := _numeral(match["a"])) is None:
        return None
    return Number(value, None, qualifier, "reported", None, None, bool(match["p"]), "")


def _note_tail(tail: str | None, trace: list[str]) -> bool:
    """Notes the unit or remark after a number; False if it would change the number's size."""
    tail = (tail or "").strip(" .,;:")
    if _SCALE.match(tail):
        return False
    if tail:
        trace.append(tail)
    return True


def _read_range(match: re.Match[str], trace: list[str]) -> Number | None:
    low, high = _numeral(match["a"]), _numeral(match["b"])
    if low is None or high is None or low > high or not _note_tail(match["tail"], trace):
        return None
    return Number(low, high, "range", "reported", None, None, bool(match["p"] or match["pa"]), "")


def _read_ratio(match: re.Match[str], qualifier: str, trace: list[str]) -> Number | None:
    numerator, denominator = _numeral(match["n"]), _numeral(match["d"])
    percent = _numeral(match["p"]) if match["p"] else None
    if numerator is None or denominator is None or (match["p"] and percent is None):
        return None
    if not _note_tail(match["tail"], trace):
        return None
    return Number(percent, None, qualifier, "reported", numerator, denominator, percent is not None, "")


# --- output ---------------------------------------------------------------------------------------------------------


def format_number(value: float, decimals: int = 0) -> str:
    """1234.5 with one decimal → `1.234,5`."""
    text = f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    return text.lstrip("-") if not re.search("[1-9]", text) else text


def format_date(day: date) -> str:
    """The day as `dd/mm/yyyy`."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
