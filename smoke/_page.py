"""Makes the PDF of one run: a text page and an image-only page, 30 words each, drawn from words.txt by the run's seed."""
from __future__ import annotations

import io
import random
import zlib
from pathlib import Path
from typing import Any

WORDS_PER_PAGE = 30
WORDS_PER_LINE = 5
SENTINELS = 4
WIDTH, HEIGHT = 612, 792


def draw_words(seed: int, source: Path) -> list[list[str]]:
    """Two lists of words without a word in common; the same seed gives the same words."""
    words = source.read_text(encoding="utf-8").split()
    drawn = random.Random(seed).sample(words, 2 * WORDS_PER_PAGE)
    return [drawn[:WORDS_PER_PAGE], drawn[WORDS_PER_PAGE:]]


def expected_pages(seed: int, source: Path) -> list[dict[str, Any]]:
    """What each page says, with its sentinels: words that are on this page only, so old or mixed output shows."""
    kinds = ("text", "image")
    return [
        {"page": number, "kind": kind, "words": words, "sentinels": words[::-1][:SENTINELS]}
        for number, (kind, words) in enumerate(zip(kinds, draw_words(seed, source)), start=1)
    ]


def lines_of(words: list[str]) -> list[str]:
    """The words as lines of a paragraph."""
    return [" ".join(words[i : i + WORDS_PER_LINE]) for i in range(0, len(words), WORDS_PER_LINE)]


def text_content(words: list[str]) -> bytes:
    """Page operators that show the words in a font every PDF reader has."""
    shown = " ".join(f"({line}) Tj T*" for line in lines_of(words))
    return f"BT /F1 14 Tf 20 TL 72 700 Td {shown} ET".encode("ascii")


def picture(words: list[str]) -> tuple[bytes, int, int]:
    """The words as pixels (grey, deflated): there is no text to read on this page, only ink."""
    from PIL import Image, ImageDraw, ImageFont

    scale = 2
    image = Image.new("L", (WIDTH * scale, HEIGHT * scale), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=15 * scale)
    for row, line in enumerate(lines_of(words)):
        pen.text((72 * scale, (90 + row * 26) * scale), line, fill=0, font=font)
    return zlib.compress(image.tobytes()), image.width, image.height


def stream(head: str, data: bytes) -> bytes:
    """A PDF stream object's body."""
    return f"<< {head} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def make_pdf(pages: list[dict[str, Any]], target: Path) -> None:
    """Writes the two-page PDF; by hand, so it needs nothing that Docling does not bring."""
    pixels, width, height = picture(pages[1]["words"])
    box = f"/MediaBox [0 0 {WIDTH} {HEIGHT}] /Parent 2 0 R"
    image_head = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
        f"<< /Type /Page {box} /Resources << /Font << /F1 5 0 R >> >> /Contents 6 0 R >>".encode(),
        f"<< /Type /Page {box} /Resources << /XObject << /I1 7 0 R >> >> /Contents 8 0 R >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        stream("", text_content(pages[0]["words"])),
        stream(f"{image_head} /BitsPerComponent 8 /Filter /FlateDecode", pixels),
        stream("", f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /I1 Do Q".encode()),
    ]
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(f"{place:010d} 00000 n \n".encode() for place in places))
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    target.write_bytes(out.getvalue())
