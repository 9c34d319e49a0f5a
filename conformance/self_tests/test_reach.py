"""What the cases of each real tokenizer reach: every script, and white space of every kind."""

from __future__ import annotations

import pytest
import regex

from ..cases import CASES, read_case_set

REAL = ("all-minilm-l6-v2", "qwen3-embedding", "multilingual-e5-small-q4")

# of Unicode 17, but for Common and Inherited, which no text is of alone
_NAMES = """
Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali
Beria_Erfe Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian
Caucasian_Albanian Chakma Cham Cherokee Chorasmian Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic
Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay
Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul
Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inscriptional_Pahlavi
Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi
Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu
Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin
Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani
Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham
Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian
Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau
Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham
Sidetic SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac
Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Tai_Yo Takri Tamil Tangsa Tangut Telugu Thaana Thai
Tibetan Tifinagh Tirhuta Todhri Tolong_Siki Toto Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho
Warang_Citi Yezidi Yi Zanabazar_Square
"""
SCRIPTS = _NAMES.split()

WHITE_SPACE = [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]
WHITE_SPACE += [0x2028, 0x2029, 0x202F, 0x205F, 0x3000]


def texts_of(subject: str) -> str:
    cases = read_case_set(CASES / "tokenizer" / subject).cases
    return "\n".join(case.input["text"] for case in cases)


@pytest.mark.parametrize("subject", REAL)
def test_every_script_has_a_case(subject: str) -> None:
    texts = texts_of(subject)
    without = [name for name in SCRIPTS if not regex.search(rf"\p{{Script={name}}}", texts)]
    assert without == []


@pytest.mark.parametrize("subject", REAL)
def test_every_white_space_has_a_case(subject: str) -> None:
    texts = texts_of(subject)
    assert [f"U+{code:04X}" for code in WHITE_SPACE if chr(code) not in texts] == []


@pytest.mark.parametrize("subject", REAL)
def test_what_texts_are_about_has_cases(subject: str) -> None:
    wanted = "whitespace scripts emoji code numbers url pair truncation added-tokens decode kana"
    cases = read_case_set(CASES / "tokenizer" / subject).cases
    tags = {tag for case in cases for tag in case.tags}
    assert set(wanted.split()) - tags == set()
    assert len(cases) >= 400
