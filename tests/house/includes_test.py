"""Includes point downwards only (docs/architecture.md), and public headers show no third-party types."""

import pathlib
import re
import tempfile
import unittest

from house import ROOT, files

FLOORS = [
    {"base"},
    {"observe", "model"},
    {"chem", "nn"},
    {"scent", "safety", "synthesis", "diffusion"},
    {"generate"},
    {"api"},
    {"jobs", "cache"},
    {"fleet"},
    {"server"},
]
FLOOR_OF = {folder: floor for floor, folders in enumerate(FLOORS) for folder in folders}
APPS_FLOOR = len(FLOORS)
# The extension reads requests as the server does, and holds no server.
PYTHON_FLOOR = FLOOR_OF["api"] + 1
# Training programs share tokeniser, features and file formats with the product, and judge their models with it.
TRAIN_FLOOR = FLOOR_OF["generate"] + 1

SOURCES = {".h", ".cpp", ".cc", ".hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
HIDDEN = re.compile(r"rdkit|GraphMol|dnnl|boost|hiredis", re.IGNORECASE)


def floor_of_file(path):
    """The floor that a source file stands on, and its own folder's name."""
    if path.parts[0] == "src":
        return FLOOR_OF.get(path.parts[1]), path.parts[1]
    return {"train": TRAIN_FLOOR, "python": PYTHON_FLOOR, "apps": APPS_FLOOR}[path.parts[0]], path.parts[0]


def wrong_includes(root):
    """One line for each include that breaks a rule."""
    wrong = []
    for path in files("src", "apps", "train", "python", suffixes=SOURCES, root=root):
        relative = path.relative_to(root)
        if relative.parts[0] == "src" and len(relative.parts) < 3:
            wrong.append(f"{relative}: a source file stands in a floor's folder, not in src/ itself")
            continue
        floor, own = floor_of_file(relative)
        if floor is None:
            wrong.append(f"{relative}: src/{own} is on no floor; see FLOORS in tests/house/includes_test.py")
            continue
        for quote, target in INCLUDE.findall(path.read_text(encoding="utf-8")):
            if ".." in target.split("/"):
                wrong.append(f"{relative}: {target}: no way up by '..'")
            elif quote == '"' and "/" in target and not (path.parent / target).exists():
                folder = target.split("/")[0]
                if folder in (own, "odordiff"):
                    continue
                if folder in ("apps", "train", "python", "tests", "bench"):
                    wrong.append(f"{relative}: {target}: nothing includes {folder}/ but its own files")
                elif folder not in FLOOR_OF:
                    wrong.append(f"{relative}: {target}: not a folder of ours; third-party headers take <>")
                elif FLOOR_OF[folder] >= floor:
                    wrong.append(f"{relative}: {target}: {folder}/ is not below {own}/")
    return wrong


def shown_third_parties(root):
    """One line for each mention of a library that public headers keep to themselves."""
    wrong = []
    for path in files("include", suffixes=SOURCES, root=root):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if HIDDEN.search(line):
                wrong.append(f"{path.relative_to(root)}:{number}: {line.strip()}")
    return wrong


class IncludesPointDownwards(unittest.TestCase):
    def test_in_this_tree(self):
        self.assertEqual([], wrong_includes(ROOT))

    def wrong_with(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
            return wrong_includes(pathlib.Path(folder))

    def test_an_include_of_a_lower_floor_passes(self):
        self.assertEqual([], self.wrong_with("src/scent/a.cpp", '#include "chem/molecule.h"\n#include <vector>\n'))

    def test_an_include_of_a_higher_floor_is_caught(self):
        self.assertEqual(1, len(self.wrong_with("src/chem/a.cpp", '#include "scent/odor_predictor.h"\n')))

    def test_an_include_of_a_neighbour_on_the_same_floor_is_caught(self):
        self.assertEqual(1, len(self.wrong_with("src/nn/a.h", '  # include "chem/molecule.h"\n')))

    def test_a_way_up_is_caught(self):
        self.assertEqual(1, len(self.wrong_with("src/nn/a.h", '#include "../chem/molecule.h"\n')))

    def test_nothing_includes_the_apps(self):
        self.assertEqual(1, len(self.wrong_with("src/server/a.h", '#include "apps/cli.h"\n')))

    def test_training_may_look_at_the_pipeline_but_not_at_the_server(self):
        self.assertEqual([], self.wrong_with("train/a.cpp", '#include "generate/pipeline.h"\n'))
        self.assertEqual(1, len(self.wrong_with("train/a.cpp", '#include "server/http.h"\n')))

    def test_a_folder_on_no_floor_is_caught(self):
        self.assertEqual(1, len(self.wrong_with("src/util/a.h", "\n")))


class PublicHeaders(unittest.TestCase):
    def test_show_no_third_party_types(self):
        self.assertEqual([], shown_third_parties(ROOT))


if __name__ == "__main__":
    unittest.main()
