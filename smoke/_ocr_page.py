"""Makes the page image of one run, a paragraph and a small table drawn from words.txt by its seed; renders PDFs as images."""
from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Iterator

WORDS = 30
WORDS_PER_LINE = 5
SENTINELS = 4
ROWS, COLUMNS = 3, 3
WIDTH, HEIGHT = 1224, 1584
MARGIN = 144
# DeepSeek's own PDF script renders at 144 dots per inch; a PDF has 72 units per inch.
SCALE = 2


def expected_page(seed: int, source: Path) -> dict[str, Any]:
    """What the page says: no word is on it twice, so sentinels show old or mixed output. The same seed gives the same page."""
    words = source.read_text(encoding="utf-8").split()
    draw = random.Random(seed)
    drawn = draw.sample(words, WORDS + ROWS * (COLUMNS - 1))
    cells = drawn[WORDS:]
    numbers = draw.sample(range(100, 1000), ROWS)
    table = [[*cells[row * 2 : row * 2 + 2], str(numbers[row])] for row in range(ROWS)]
    return {"page": 1, "kind": "page", "words": drawn[:WORDS], "sentinels": drawn[:WORDS][::-1][:SENTINELS], "table": table}


def draw_page(entry: dict[str, Any], target: Path) -> None:
    """Writes the page as a PNG: black on white, nothing but ink."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=34)
    words = entry["words"]
    for row in range(0, len(words), WORDS_PER_LINE):
        line = " ".join(words[row : row + WORDS_PER_LINE])
        pen.text((MARGIN, MARGIN + row // WORDS_PER_LINE * 60), line, fill="black", font=font)
    draw_table(pen, font, entry["table"], MARGIN + (len(words) // WORDS_PER_LINE + 1) * 60)
    entry.update(width=WIDTH, height=HEIGHT)
    image.save(target)


def draw_table(pen: Any, font: Any, table: list[list[str]], top: int) -> None:
    """A ruled table under the paragraph."""
    wide, high = (WIDTH - 2 * MARGIN) // COLUMNS, 80
    for line in range(ROWS + 1):
        pen.line([(MARGIN, top + line * high), (MARGIN + COLUMNS * wide, top + line * high)], fill="black", width=3)
    for line in range(COLUMNS + 1):
        pen.line([(MARGIN + line * wide, top), (MARGIN + line * wide, top + ROWS * high)], fill="black", width=3)
    for row, cells in enumerate(table):
        for column, text in enumerate(cells):
            pen.text((MARGIN + column * wide + 24, top + row * high + 20), text, fill="black", font=font)


def images_of(source: Path, folder: Path) -> Iterator[tuple[int, int, Path, int, int]]:
    """The pages of the user's file as images, one at a time: number, number of pages, file, width, height."""
    from PIL import Image

    target = folder / "input-page.png"
    if source.suffix.lower() != ".pdf":
        with Image.open(source) as image:
            image.convert("RGB").save(target)
            yield 1, 1, target, image.width, image.height
        return
    import pypdfium2

    pdf = pypdfium2.PdfDocument(source)
    for number in range(len(pdf)):
        image = pdf[number].render(scale=SCALE).to_pil().convert("RGB")
        image.save(target)
        yield number + 1, len(pdf), target, image.width, image.height
