"""Checks the collection by other programs than the ones that made it.

For each row: an ordinary extractor gets the phrase; a renderer with OCR does not show it, and shows
the `shown` words; the twin does not have the phrase. `check.py pdf` looks at one format only,
`--look` keeps the pictures in /tmp/alnage-look.
"""

import email
import email.policy
import gzip
import io
import json
import re
import subprocess
import sys
import tarfile
import tomllib
import warnings
import zipfile
from difflib import SequenceMatcher
from pathlib import Path

from bs4 import BeautifulSoup, Comment, XMLParsedAsHTMLWarning

from common import OUT, SCRATCH, TABLE, libreoffice

warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)
LOOK = Path("/tmp/alnage-look")
LANGS = "eng+deu+fra+nld+spa"


def squeeze(text):
    return re.sub(r"\s+", " ", text)


def strings_of(obj, seen, out, depth=0):
    """All strings of a PDF object and of what hangs below it."""
    import pikepdf

    if depth > 40:
        return
    if isinstance(obj, pikepdf.Object) and obj.is_indirect:
        if obj.objgen in seen:
            return
        seen.add(obj.objgen)
    if isinstance(obj, pikepdf.String):
        out.append(str(obj))
    elif isinstance(obj, pikepdf.Stream):
        if obj.get("/Type") in ("/Metadata", "/EmbeddedFile"):
            out.append(obj.read_bytes().decode("utf-8", "replace"))
        for value in obj.values():
            strings_of(value, seen, out, depth + 1)
    elif isinstance(obj, pikepdf.Dictionary):
        for key, value in obj.items():
            if key not in ("/Parent", "/P"):
                strings_of(value, seen, out, depth + 1)
    elif isinstance(obj, pikepdf.Array):
        for value in obj:
            strings_of(value, seen, out, depth + 1)


def pdf_text(path):
    import pdfminer.high_level
    import pikepdf
    import pymupdf
    import pypdf

    yield "pypdf", "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    yield "pdfminer", pdfminer.high_level.extract_text(path)
    yield "MuPDF", "\n".join(page.get_text(flags=pymupdf.TEXT_ACCURATE_BBOXES) for page in pymupdf.open(path))
    command = ["pdftotext", "-layout", str(path), "-"]
    yield "pdftotext", subprocess.run(command, capture_output=True, text=True).stdout
    out = []
    with pikepdf.open(path) as pdf:
        strings_of(pdf.trailer, set(), out)
        for page in pdf.pages:
            for operands, _ in pikepdf.parse_content_stream(page):
                for operand in operands:
                    strings_of(operand, set(), out)
    yield "pikepdf", "\n".join(out)


def html_text(data):
    soup = BeautifulSoup(data, "lxml")
    yield "BeautifulSoup", soup.get_text(" ")
    out = [str(node) for node in soup.find_all(string=lambda node: isinstance(node, Comment))]
    out += [str(value) for tag in soup.find_all(True) for value in tag.attrs.values()]
    out += [tag.get_text(" ") for tag in soup.find_all(["script", "template", "noscript", "style"])]
    yield "BeautifulSoup, attributes and comments", "\n".join(out)


def package_text(data):
    """All XML of an office package, without marks."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels", ".xhtml", ".html", ".opf", ".vml")):
                text = package.read(name).decode("utf-8", "replace")
                attrs = "\n".join(re.findall(r'"([^"]*)"', text))
                import html

                yield name, html.unescape(re.sub(r"<[^>]+>", "", text) + "\n" + re.sub(r"<[^>]+>", " ", text) + "\n" + attrs)


def office_text(path):
    if path.suffix == ".docx":
        import docx

        file = docx.Document(path)
        yield "python-docx", "\n".join(p.text for p in file.paragraphs) + "\n".join(
            cell.text for table in file.tables for line in table.rows for cell in line.cells)
        yield "python-docx, sections", "\n".join(
            p.text for section in file.sections for part in (section.header, section.footer) for p in part.paragraphs)
    elif path.suffix == ".pptx":
        import pptx

        file = pptx.Presentation(path)
        yield "python-pptx", "\n".join(
            shape.text_frame.text for slide in file.slides for shape in slide.shapes if shape.has_text_frame)
        yield "python-pptx, notes", "\n".join(
            slide.notes_slide.notes_text_frame.text for slide in file.slides if slide.has_notes_slide)
    elif path.suffix == ".xlsx":
        import openpyxl

        for how in (False, True):
            book = openpyxl.load_workbook(path, data_only=how)
            yield "openpyxl" + (", values" if how else ""), "\n".join(
                str(cell.value) for sheet in book for cell in sheet._cells.values() if cell.value is not None)
    elif path.suffix in (".odt", ".ods", ".odp"):
        from odf import teletype
        from odf.opendocument import load

        yield "odfpy", teletype.extractText(load(path).body)
    yield from package_text(path.read_bytes())


def mail_text(data):
    message = email.message_from_bytes(data, policy=email.policy.default)
    yield "email, headers", "\n".join(f"{key}: {value}" for key, value in message.items())
    for part in message.walk():
        if part.is_multipart():
            continue
        inside = part.get_payload(decode=True) or b""
        kind = part.get_content_type()
        if kind == "text/html":
            yield from ((f"email, {how}", text) for how, text in html_text(inside))
        elif kind.startswith("text/"):
            yield f"email, {kind}", inside.decode(part.get_content_charset() or "utf-8", "replace")
        else:
            yield from any_text(Path(part.get_filename() or "x.bin"), inside)


def any_text(path, data=None):
    """Pairs of an extractor's name and what it gets."""
    data = path.read_bytes() if data is None else data
    if data.startswith(b"%PDF"):
        file = SCRATCH / "inner.pdf"
        file.write_bytes(data)
        yield from pdf_text(file)
    elif data.startswith(b"PK"):
        if path.suffix in (".docx", ".pptx", ".xlsx", ".odt", ".ods", ".odp") and path.is_file():
            yield from office_text(path)
        else:
            yield from package_text(data)
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                for name in package.namelist():
                    yield from ((f"zipfile, {how}", text) for how, text in any_text(Path(name), package.read(name)))
    elif data.startswith(b"\x1f\x8b"):
        yield from any_text(Path(path.stem), gzip.decompress(data))
    elif path.suffix == ".tar":
        with tarfile.open(fileobj=io.BytesIO(data)) as package:
            for member in package:
                if member.isfile():
                    yield from any_text(Path(member.name), package.extractfile(member).read())
    elif path.suffix == ".eml":
        yield from mail_text(data)
    elif path.suffix == ".rtf" or data.startswith(b"{\\rtf"):
        yield "bytes", data.decode("cp1252")
        text = re.sub(r"\\'([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]).decode("cp1252"), data.decode("cp1252"))
        text = re.sub(r"\r?\n", "", text)
        yield "RTF without control words", re.sub(r"\\[a-z]+-?\d* ?|[{}]", "", text)
    elif re.match(rb"\s*<(!doctype|html|\?xml)", data, re.I):
        yield from html_text(data)
    elif path.suffix in (".ipynb", ".json"):
        out = []
        def walk(value):
            if isinstance(value, dict):
                for key, inner in value.items():
                    out.append(key)
                    walk(inner)
            elif isinstance(value, list):
                if all(isinstance(inner, str) for inner in value):
                    out.append("".join(value))
                else:
                    for inner in value:
                        walk(inner)
            else:
                out.append(str(value))
        walk(json.loads(data))
        yield "json", "\n".join(out)
    else:
        for charset in ("utf-8-sig", "cp1252"):
            try:
                yield "text", data.decode(charset)
                break
            except UnicodeDecodeError:
                continue


def pictures(path, office):
    """PNG files of what a person sees."""
    LOOK.mkdir(exist_ok=True)
    stem = LOOK / f"{path.parent.name}-{path.name}"
    if path.suffix == ".pdf" and path.read_bytes().startswith(b"%PDF"):
        source = path
    elif path in office:
        source = office[path]
    elif path.suffix == ".html":
        png = Path(f"{stem}.png")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=900,1000"]
        subprocess.run(["chromium", *flags, f"--screenshot={png}", path.as_uri()], capture_output=True, timeout=60)
        return [png]
    else:
        return []
    subprocess.run(["pdftoppm", "-cropbox", "-r", "80", "-png", "-l", "4", str(source), str(stem)], check=True)
    return sorted(LOOK.glob(f"{stem.name}-*.png"))


def seen_text(pngs, lang):
    out = ""
    for png in pngs:
        big = SCRATCH / "big.png"
        subprocess.run(["convert", str(png), "-resize", "220%", str(big)], check=True)
        command = ["tesseract", str(big), "-", "--psm", "3", "-l", lang]
        out += subprocess.run(command, capture_output=True, text=True).stdout
    return out


def words(text):
    return re.findall(r"\w+", text.lower())


def share(phrase, text):
    """How much of the phrase stands in the text as one run of words, misread letters forgiven."""
    wanted, have = words(phrase), words(text)
    best = 0.0
    for at in range(max(1, len(have) - len(wanted) + 1)):
        window = have[at : at + len(wanted)]
        alike = SequenceMatcher(None, " ".join(wanted), " ".join(window)).quick_ratio()
        if alike > 0.75:
            alike = sum(word in window for word in wanted) / len(wanted)
            best = max(best, alike)
    return best


def main():
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    rows = [row for row in tomllib.loads(TABLE.read_text())["technique"]
            if not wanted or row["format"] in wanted or row["file"] in wanted]
    files = [OUT / row[key] for row in rows for key in ("file", "twin")]
    office = {}
    kinds = {}
    for path in files:
        if path.suffix in (".docx", ".odt", ".rtf", ".pptx", ".odp", ".xlsx", ".ods"):
            kinds.setdefault(path.parent, []).append(path)
    for folder, paths in kinds.items():
        out = libreoffice(paths, "pdf", SCRATCH / f"seen-{folder.name}")
        for path in paths:
            made = out / f"{path.stem}.pdf"
            keep = out / f"{path.name}.seen.pdf"
            if made.is_file():
                made.rename(keep)
                office[path] = keep
    bad = 0
    for row in rows:
        file, twin = OUT / row["file"], OUT / row["twin"]
        problems = []
        phrase, shown = squeeze(row["phrase"]), squeeze(row["shown"])
        got = []
        if row.get("finds") != "characters":
            got = [how for how, text in any_text(file) if phrase in squeeze(text)]
            if not got:
                problems.append("no extractor gets the phrase")
            if any(phrase in squeeze(text) for _, text in any_text(twin)):
                problems.append("the twin has the phrase")
        foreign = re.search(r"[\u0590-\u097f]", shown)
        pngs = pictures(file, office)
        if pngs and not foreign:
            lang = "chi_sim" if re.search(r"[\u3000-\u9fff]", shown) else LANGS
            seen = seen_text(pngs, lang)
            if lang == "chi_sim":
                flat = re.sub(r"\s", "", seen)
                letters = [char for char in phrase if char > "\u3000"]
                if sum(char in flat for char in letters) > 0.7 * len(letters):
                    problems.append("phrase is seen?")
            else:
                if share(phrase, seen) > 0.6:
                    problems.append(f"phrase is seen? {share(phrase, seen):.2f}")
                if share(shown, seen) < 0.6:
                    problems.append(f"shown is not seen? {share(shown, seen):.2f}")
        if "--look" in sys.argv:
            pictures(twin, office)
        if not pngs and not any(shown in squeeze(text) for _, text in any_text(file)):
            problems.append("shown not found")
        bad += bool(problems)
        print(f"{'BAD ' if problems else 'ok  '} {row['file']}  [{', '.join(got[:3])}]  {'; '.join(problems)}", flush=True)
    size = sum(path.stat().st_size for path in OUT.rglob("*") if path.is_file())
    print(f"{len(rows)} rows, {bad} bad, {size / 1e6:.2f} MB in the folder")


if __name__ == "__main__":
    main()
