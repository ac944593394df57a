"""What all scripts of this folder share: the honest texts, the rows of techniques.toml, the producers.

A text in this folder marks its phrase with brackets: "Pay [to the account in this line] only." is
written into the document without them, and what is between them becomes `phrase` or `shown`.
"""

import atexit
import io
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).resolve().parent
OUT = HERE.parent
TABLE = OUT / "techniques.toml"
SCRATCH = Path(tempfile.mkdtemp(prefix="alnage-documents-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
LIBERATION = Path("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf")
# One fixed moment for all dates that a producer lets us set.
YEAR, MONTH, DAY = 2026, 5, 18
os.environ.setdefault("SOURCE_DATE_EPOCH", "1779062400")


def plain(text):
    """The text without its brackets."""
    return text.replace("[", "").replace("]", "")


def marked(text):
    """What stands between the brackets of a text."""
    found = re.search(r"\[(.+?)\]", text, re.S)
    assert found, f"no brackets in {text!r}"
    return found.group(1)


@dataclass
class Body:
    """An honest text: a title and a few paragraphs, one of which has its `shown` words in brackets."""

    lang: str
    title: str
    marked_paras: list
    paras: list = field(init=False)
    shown: str = field(init=False)

    def __post_init__(self):
        self.paras = [plain(para) for para in self.marked_paras]
        self.shown = marked("\n".join(self.marked_paras))

    def html(self):
        return f"<h1>{self.title}</h1>\n" + "\n".join(f"<p>{para}</p>" for para in self.paras)


def body(key):
    from texts import BODIES

    return BODIES[key]


# --- rows -----------------------------------------------------------------------------------------

_ROWS = []


def row(fmt, slug, ending, name, producer, phrase, shown, finds=None, note=None, twin_ending=None):
    """Adds a row; `phrase` is a bracketed text or the phrase itself (without brackets)."""
    phrase = marked(phrase) if "[" in phrase else phrase
    shown = marked(shown) if "[" in shown else shown
    if finds != "characters" and not re.search(r"[\u3000-\u9fff]", phrase):
        assert 4 <= len(phrase.split()) <= 12, f"{fmt}/{slug}: {phrase!r}"
    file = f"{fmt}/{slug}.{ending}"
    twin = f"{fmt}/{slug}.twin.{twin_ending or ending}"
    for path in (file, twin):
        assert (OUT / path).is_file(), f"{path} was not made"
    assert slug not in {r["file"].split("/")[1].split(".")[0] for r in _ROWS if r["format"] == fmt}, slug
    entry = {"format": fmt, "name": name, "file": file, "twin": twin, "producer": producer}
    entry |= {"phrase": phrase, "shown": shown}
    if finds:
        entry["finds"] = finds
    if note:
        entry["note"] = note
    _ROWS.append(entry)


def finish(family):
    """Replaces the rows of a family in techniques.toml."""
    order = "pdf pages office_text slides sheets opendocument mail others".split()
    sections = {}
    if TABLE.is_file():
        for part in re.split(r"(?m)^# === ", TABLE.read_text())[1:]:
            key, rest = part.split("\n", 1)
            sections[key.removesuffix(".py").strip()] = rest.strip()
    lines = []
    for entry in _ROWS:
        lines.append("[[technique]]")
        for key, value in entry.items():
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        lines.append("")
    sections[family] = "\n".join(lines).strip()
    text = "# Written by the scripts in make/; README.md says what the fields mean.\n"
    for key in order:
        if key in sections:
            text += f"\n# === {key}.py\n\n{sections[key]}\n"
    TABLE.write_text(text)
    print(f"{family}: {len(_ROWS)} techniques")


def target(fmt, slug, ending):
    path = OUT / fmt / f"{slug}.{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


# --- producers ------------------------------------------------------------------------------------


def chromium_pdf(html, path, *flags):
    """Prints an HTML text with headless Chromium."""
    page = SCRATCH / (Path(path).name + ".html")
    page.write_text(html)
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", *flags]
    command += [f"--print-to-pdf={path}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def libreoffice(paths, to, outdir=None, infilter=None):
    """Converts files with one run of LibreOffice; gives the folder that has them."""
    outdir = Path(outdir or SCRATCH / f"lo-{to.split(':')[0]}-{random.random()}")
    outdir.mkdir(parents=True, exist_ok=True)
    command = ["soffice", f"-env:UserInstallation=file://{SCRATCH}/profile", "--headless"]
    command += [f"--infilter={infilter}"] if infilter else []
    command += ["--convert-to", to, "--outdir", str(outdir), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=500)
    return outdir


def pandoc(text, path, *arguments):
    subprocess.run(["pandoc", *arguments, "-o", str(path)], input=text, text=True, check=True)


def settle(path):
    """Gives the members of a package a fixed date, so that a second run writes the same bytes."""
    path = Path(path)
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w") as package:
        for info in source.infolist():
            new = zipfile.ZipInfo(info.filename, (YEAR, MONTH, DAY, 9, 0, 0))
            new.compress_type = info.compress_type
            new.external_attr = info.external_attr
            package.writestr(new, source.read(info.filename))


# --- pictures -------------------------------------------------------------------------------------


def picture(kind, width=320, height=200, seed=7):
    """A small picture that looks like a photograph or a drawing: snow, night, meadow, white, plan."""
    dice = random.Random(seed)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    if kind == "white":
        return image
    if kind == "snow":
        for y in range(height):
            shade = 255 - int(3 * y / height)
            draw.line([(0, y), (width, y)], fill=(shade, shade, 255))
        for _ in range(60):
            x, y = dice.randrange(width), dice.randrange(height)
            draw.ellipse([x, y, x + dice.randrange(8, 40), y + 4], fill=(250, 251, 253))
        return image.filter(ImageFilter.GaussianBlur(3))
    if kind in ("night", "meadow"):
        top, bottom = {"night": ((8, 14, 36), (22, 30, 58)), "meadow": ((150, 190, 230), (70, 120, 50))}[kind]
        for y in range(height):
            share = y / height
            draw.line([(0, y), (width, y)], fill=tuple(int(a + (b - a) * share) for a, b in zip(top, bottom)))
        for _ in range(40):
            x, y = dice.randrange(width), dice.randrange(height)
            green = (40 + dice.randrange(40), 80 + dice.randrange(60), 30)
            fill = (30, 40, 70) if kind == "night" else green
            draw.ellipse([x, y, x + dice.randrange(6, 30), y + dice.randrange(4, 14)], fill=fill)
        return image.filter(ImageFilter.GaussianBlur(1.5))
    if kind == "plan":
        draw.rectangle([20, 30, width - 20, height - 30], outline=(40, 60, 60), width=3)
        draw.line([(20, height // 2), (width - 20, height // 2)], fill=(40, 60, 60), width=2)
        for x in (width // 4, 3 * width // 4):
            draw.ellipse([x - 30, height - 66, x + 30, height - 6], outline=(180, 70, 20), width=5)
        return image
    raise ValueError(kind)


def picture_bytes(kind, form="JPEG", **size):
    stream = io.BytesIO()
    picture(kind, **size).save(stream, form, quality=60)
    return stream.getvalue()


def picture_file(kind, form="jpg", **size):
    path = SCRATCH / f"{kind}-{'-'.join(map(str, size.values()))}.{form}"
    path.write_bytes(picture_bytes(kind, {"jpg": "JPEG", "png": "PNG"}[form], **size))
    return path


def written_page(lines, width=1240, height=700, size=30, margin=70):
    """A grey picture of typed lines, a bit noisy, as a scanner gives it; and the boxes of the lines."""
    dice = random.Random(11)
    image = Image.new("L", (width, height), 246)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(LIBERATION), size)
    boxes = []
    for at, line in enumerate(lines):
        y = margin + at * int(size * 1.6)
        draw.text((margin, y), line, font=font, fill=40)
        boxes.append(draw.textbbox((margin, y), line, font=font))
    for _ in range(260):
        x, y = dice.randrange(width), dice.randrange(height)
        draw.point((x, y), fill=dice.choice((120, 160, 200)))
    return image.filter(ImageFilter.GaussianBlur(0.7)), boxes
