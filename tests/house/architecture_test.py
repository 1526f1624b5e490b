"""The picture of the rooms in docs/architecture.md is that of the includes."""

import pathlib
import re
import tempfile
import unittest

from house import ROOT, files
from includes_test import FLOOR_OF, FLOORS, INCLUDE, SOURCES

PAGE = ROOT / "docs/architecture.md"
ROOM = re.compile(r"^    (\w+) +uses +(.+)$", re.MULTILINE)
FLOOR = re.compile(r"^\| (\d+) \| (.+?) \|", re.MULTILINE)


def rooms(root):
    """Each folder of src/ with those whose headers its files include; all use base."""
    found = {room: set() for room in FLOOR_OF if room != "base"}
    for path in files("src", suffixes=SOURCES, root=root):
        own = path.relative_to(root / "src").parts[0]
        for quote, target in INCLUDE.findall(path.read_text(encoding="utf-8")):
            room = target.split("/")[0]
            if quote == '"' and room in found and own in found and room != own:
                found[own].add(room)
    return found


def drawn(page):
    return {room: set() if used == "base alone" else set(used.split()) for room, used in ROOM.findall(page)}


class Architecture(unittest.TestCase):
    def test_the_picture_is_that_of_the_includes(self):
        self.assertEqual(drawn(PAGE.read_text(encoding="utf-8")), rooms(ROOT))

    def test_the_floors_are_those_that_are_checked(self):
        told = {int(number): set(re.findall(r"src/(\w+)/", folders)) for number, folders in FLOOR.findall(PAGE.read_text(encoding="utf-8"))}
        self.assertEqual([told[floor] for floor in range(len(FLOORS))], FLOORS)

    def test_an_include_that_is_not_drawn_is_seen(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "src/cache/new.h")
            path.parent.mkdir(parents=True)
            path.write_text('#include "observe/log.h"\n#include "base/error.h"\n#include <vector>\n', encoding="utf-8")
            self.assertEqual(rooms(pathlib.Path(folder))["cache"], {"observe"})


if __name__ == "__main__":
    unittest.main()
