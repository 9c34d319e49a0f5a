"""Real text, to be cut, joined and bent: a few sentences in each of many languages and forms.

The sentences are written for this file, or are proverbs, and belong to nobody.
"""

from __future__ import annotations

__all__ = ["CODE", "SENTENCES"]

SENTENCES: dict[str, str] = {
    "English": (
        "It wasn't the dog's fault; they'd left the door open, and I'll say "
        "so. You've seen 3 of 12 boats, haven't you? We're late -- don't run."
    ),
    "German": (
        "Übung macht den Meister. Der Fuß größer als der Schuh? Äpfel und Öl, "
        "1.234,50 € das Stück."
    ),
    "French": (
        "L'été s'en va, n'est-ce pas ? « Où est passé le garçon » dit-elle à "
        "l'aïeule. Cœur, œuf, façade."
    ),
    "Spanish": "¿Dónde está el niño? ¡Mañana será otro día! La cigüeña voló sobre el río.",
    "Portuguese": "Água mole em pedra dura, tanto bate até que fura. Não há pão amanhã, só maçã.",
    "Italian": "Perché l'acqua è così fredda? Chi va piano va sano e va lontano; città, virtù.",
    "Polish": "Zażółć gęślą jaźń. Bez pracy nie ma kołaczy, a źdźbło łąki śpi.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy. Kdo jinému jámu kopá, sám do ní padá.",
    "Turkish": "İstanbul'da ılık bir gün. IŞIK ışık, İĞNE iğne; damlaya damlaya göl olur.",
    "Finnish": "Hätä ei lue lakia. Älä nuolaise ennen kuin tipahtaa, sanoi äiti pöydässä.",
    "Hungarian": "Árvíztűrő tükörfúrógép. Addig nyújtózkodj, amíg a takaród ér.",
    "Vietnamese": (
        "Có công mài sắt, có ngày nên kim. Tiếng Việt đẹp lắm, phải không? "
        "Người ở đâu cũng vậy, ướt sũng."
    ),
    "Greek": (
        "Ὁ βίος βραχύς, ἡ δὲ τέχνη μακρή. Κάλλιο πέντε και στο χέρι παρά δέκα "
        "και καρτέρει. ΟΔΥΣΣΕΥΣ ὀδυσσεύς ᾳ."
    ),
    "Russian": (
        "Тише едешь — дальше будешь. Ёжик съел йогурт; без труда не вытащишь и "
        "рыбку из пруда."
    ),
    "Ukrainian": "Їжак і ґава п'ють чай. Без діла слабіє сила.",
    "Hebrew": "הַתְחָלָה טוֹבָה הִיא חֲצִי הַמְּלָאכָה. סוף טוב, הכל טוב!",
    "Arabic": "الصَّبْرُ مِفْتَاحُ الفَرَجِ. كتابٌ جديدٌ على الطاولة، أليس كذلك؟ ١٢٣ لا إله",
    "Persian": "کوه به کوه نمی‌رسد، آدم به آدم می‌رسد. می‌خواهم ۴۵۶ کتاب بخوانم.",
    "Hindi": "बूँद-बूँद से सागर भरता है। क्या आप हिन्दी पढ़ते हैं? क्षत्रिय ज़रूर १२३",
    "Bengali": "যেমন কর্ম তেমন ফল। আমি বাংলায় গান গাই, তুমি কি শোনো?",
    "Tamil": "யாதும் ஊரே யாவரும் கேளிர். நான் தமிழ் படிக்கிறேன் ௧௨.",
    "Thai": "น้ำขึ้นให้รีบตัก ช้าๆ ได้พร้าเล่มงาม ๑๒๓ บาท",
    "Khmer": "ចេះឯងឱ្យក្រែងចេះគេ ភាសាខ្មែរ",
    "Burmese": "မြန်မာစာ ဖတ်နေသည်။",
    "Chinese": "千里之行，始于足下。我有3本書，「你」呢？𠮷野家的㐂。",
    "Japanese": "塵も積もれば山となる。がぎぐげご、ぱぴぷ、ヴァイオリン、ｶﾞｷﾞ、カレーは８００円。",
    "Korean": "시작이 반이다. 가는 말이 고와야 오는 말이 곱다, 값이 얼마예요? 닭볶음탕 ㅋㅋ",
    "Georgian": "ვეფხისტყაოსანი. ᲛᲗᲐ მთა დიდია.",
    "Armenian": "Ով որ մեծ է, նա և փոքր էր։ ՀԱՅԱՍՏԱՆ և հայերեն.",
    "Amharic": "ቀስ በቀስ እንቁላል በእግሩ ይሄዳል። ሰላም፣ ዓለም።",
    "Cherokee": "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ꭳꮟᏺ",
    "Gothic": "𐌼𐌰𐌲 𐌲𐌻𐌴𐍃 𐌹̈𐍄𐌰𐌽",
}  # fmt: skip

CODE: tuple[str, ...] = (
    "def f(x: int) -> str:\n    return f'{x!r}'  # no\n\n\nclass A:\n\tpass\n",
    'for (let i = 0; i < n; ++i) {\n  a[i] += "\\u00e9\\n" + `${b}`;\n}\n',
    "#include <stdio.h>\r\nint main(void) { return printf(\"%d\\n\", 0x1F); }\r\n",
    '{"id": 17, "name": "caf\\u00e9", "tags": ["a", null, true], "x": -1.5e-07}',
    "SELECT * FROM t WHERE a='it''s' AND b<>2; -- end",
    "<p class=\"x\">a&nbsp;b &lt;c&gt;</p><!-- ## -->",
    "https://user:pw@example.org:8080/a/b_c/d.html?q=1&r=%20x#frag",
    "mailto:first.last+tag@sub.example.co.uk, www.example.com/~user",
    "C:\\Users\\me\\file (1).txt; /usr/lib64/x.so.6; \\\\host\\share",
    "2024-02-29T23:59:60.123Z; 192.168.0.1; ::ffff:10.0.0.1; +49 (0)30 123-45",
    "1,234,567.89 1.234.567,89 1e10 0b101 ½ ² ③ Ⅷ ٣ १२ 𝟜 ８",
    "# Title\n\n* item `x`\n* **bold** _it_\n\n| a | b |\n|---|:-:|\n",
)  # fmt: skip
