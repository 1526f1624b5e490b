"""Tests keep to themselves: they touch nothing of their user's, and nothing that is shipped needs them."""

import re
import unittest

from house import ROOT, files

# Programs of ours that a test starts.
STARTS = re.compile(r"ODORDIFF_BIN|odordiff_server|\bsubprocess\.")
OF_THE_TREE = {"house"}  # these start nothing of ours, or in a tree of their own


def starters():
    """Test programs in Python that start others."""
    return [path for path in files("tests", suffixes={".py"})
            if path.name.endswith("_test.py") and path.parent.name not in OF_THE_TREE and STARTS.search(path.read_text(encoding="utf-8"))]


class TestsKeepToThemselves(unittest.TestCase):
    def test_what_starts_programs_has_a_home_of_its_own(self):
        """Directly, or by a module of the tests that it imports."""
        guards = {path.stem for path in files("tests", suffixes={".py"}) if "own_home" in path.read_text(encoding="utf-8")}
        open_to_home = []
        for path in starters():
            # Pytest imports conftest.py of this folder and of those above it.
            texts = [path.read_text(encoding="utf-8")]
            texts += [(folder / "conftest.py").read_text(encoding="utf-8") for folder in path.parents
                      if (folder / "conftest.py").exists()]
            imported = set(re.findall(r"^(?:from|import) (\w+)", "\n".join(texts), re.MULTILINE))
            if not imported & (guards | {"own_home"}) and "own_home" not in "".join(texts):
                open_to_home.append(str(path.relative_to(ROOT)))
        self.assertEqual([], open_to_home)

    def test_nothing_that_is_shipped_or_measured_needs_tests(self):
        needy = []
        for path in [ROOT / "odordiff", *files("src", "apps", "python", "include", "bench", "testing", "deploy", "cmake",
                                               suffixes={".h", ".cpp", ".py", ".sh", ".txt", ".cmake"})]:
            text = path.read_text(encoding="utf-8")
            for number, line in enumerate(text.splitlines(), 1):
                if re.search(r"(?<!release/)\btests/[a-z]", line) and not re.match(r"\s*(//|#|\"\"\")", line):
                    needy.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
        self.assertEqual([], needy)


if __name__ == "__main__":
    unittest.main()
