"""Documents keep their promises: links lead somewhere, files say why they exist, packages are explained."""

import re
import unittest

from house import ROOT, files

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
FENCE = re.compile(r"^( {0,3})(```|~~~).*?^\1\2", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)


def anchors(text):
    """The anchors that GitHub makes of a document's headings."""
    found = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", LINK.sub(lambda m: m.group(0).split("]")[0].lstrip("!["), heading)).lower()
        found.add(plain.replace(" ", "-"))
    return found


def dead_links(path):
    """One line for each link of this Markdown file into the tree that leads nowhere."""
    dead = []
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        file, _, anchor = target.partition("#")
        goal = (ROOT / file.lstrip("/")) if file.startswith("/") else (path.parent / file) if file else path
        if not goal.exists():
            dead.append(f"{path.relative_to(ROOT)}: {target}")
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal.read_text(encoding="utf-8")):
            dead.append(f"{path.relative_to(ROOT)}: {target}: no such heading")
    return dead


def starts_with_comment(path):
    """Whether a reader learns in the first lines (after any #!) what the file is for."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("#!"):
        text = text.partition("\n")[2]
    openings = ("#",) if path.suffix == ".sh" else ('"""', "#") if path.suffix == ".py" else ("//", "/*")
    return text.startswith(openings) and not text.startswith(("#include", "#pragma"))


def packages():
    """Every package that cmake/packages.txt names."""
    lines = (ROOT / "cmake/packages.txt").read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith(("#", "["))}


class Documents(unittest.TestCase):
    def test_links_into_the_tree_lead_somewhere(self):
        documents = files(".", suffixes={".md"})
        self.assertTrue(documents)
        self.assertEqual([], [line for path in documents for line in dead_links(path)])

    def test_every_package_is_explained(self):
        text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
        self.assertEqual(set(), {package for package in packages() if f"`{package}`" not in text})

    def test_no_explained_package_is_unused(self):
        text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
        self.assertEqual(set(), set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)) - packages())


class Sources(unittest.TestCase):
    def test_begin_with_why_they_exist(self):
        # A .cpp that implements the header beside it has its reason there.
        silent = [
            str(path.relative_to(ROOT))
            for path in files("src", "apps", "train", "bench", "include", suffixes={".h", ".cpp", ".py", ".sh"})
            if not starts_with_comment(path) and not (path.suffix == ".cpp" and path.with_suffix(".h").exists())
        ]
        self.assertEqual([], silent)


if __name__ == "__main__":
    unittest.main()
