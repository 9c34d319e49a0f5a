"""`byte_alphabet.py`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.byte_alphabet import BYTE_TO_CHARACTER, CHARACTER_TO_BYTE, to_byte_alphabet


def test_the_alphabet_of_gpt2() -> None:
    assert "".join(BYTE_TO_CHARACTER) == (
        "ĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğ"
        "Ġ!\"#$%&'()*+,-./0123456789:;<=>?"
        "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
        "`abcdefghijklmnopqrstuvwxyz{|}~ġ"
        "ĢģĤĥĦħĨĩĪīĬĭĮįİıĲĳĴĵĶķĸĹĺĻļĽľĿŀŁ"
        "ł¡¢£¤¥¦§¨©ª«¬Ń®¯°±²³´µ¶·¸¹º»¼½¾¿"
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
        "àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ"
    )


def test_both_ways_agree() -> None:
    assert len(CHARACTER_TO_BYTE) == 256
    assert all(BYTE_TO_CHARACTER[byte] == c for c, byte in CHARACTER_TO_BYTE.items())


def test_to_byte_alphabet() -> None:
    assert to_byte_alphabet("") == ""
    assert to_byte_alphabet("a é\n") == "aĠÃ©Ċ"
    assert to_byte_alphabet("日\0😀") == "æĹ¥ĀðŁĺĢ"


@given(st.text())
def test_the_bytes_come_back(text: str) -> None:
    assert bytes(CHARACTER_TO_BYTE[c] for c in to_byte_alphabet(text)).decode() == text
