"""`odordiff routes` from outside: every format, stdin, honest answers, bad input."""

import json
import re
import unittest
import xml.etree.ElementTree

from cli import ESTER, CliTest, odordiff

LILIAL = "CC(C=O)Cc1ccc(cc1)C(C)(C)C"
ADAMANTANE = "CC12CC3CC(C)(C1)CC(C)(C3)C2"


def leaves(substance):
    """What has to be bought for a substance of the JSON."""
    if substance["buyable"]:
        return [substance]
    return [leaf for reactant in substance["made_by"]["reactants"] for leaf in leaves(reactant)]


class Routes(CliTest):
    def test_table_shows_the_tree(self):
        text = self.works("routes", ESTER)
        self.assertIn("Fischer esterification", text)
        self.assertIn("acetic acid", text)
        self.assertIn("└─", text)
        self.assertIn("estimates", text)

    def test_table_keeps_to_ascii_where_the_locale_does(self):
        from cli import environment

        done = odordiff("routes", ESTER, env=environment(LANG="C"))
        self.assertEqual(0, done.returncode)
        self.assertTrue(done.stdout.isascii())

    def test_json_says_all(self):
        answer = json.loads(self.works("routes", LILIAL, ESTER, "-n", "3", "--format", "json"))
        self.assertEqual(2, len(answer["molecules"]))
        for molecule in answer["molecules"]:
            self.assertTrue(molecule["complete"])
            self.assertLessEqual(len(molecule["routes"]), 3)
            for rank, route in enumerate(molecule["routes"], 1):
                self.assertEqual(rank, route["rank"])
                self.assertLessEqual(route["longest_line"], 3)
                self.assertLess(0, route["usd_per_kg"]["low"])
                self.assertLessEqual(route["usd_per_kg"]["low"], route["usd_per_kg"]["high"])
                self.assertFalse(route["target"]["buyable"])
                self.assertTrue(all(leaf["name"] and leaf["feedstock"] for leaf in leaves(route["target"])))

    def test_the_same_request_gives_the_same_bytes(self):
        self.assertEqual(*[self.works("routes", LILIAL, "--format", "json") for _ in range(2)])

    def test_max_steps_is_kept_to(self):
        answer = json.loads(self.works("routes", LILIAL, "--max-steps", "1", "--format", "json"))
        self.assertTrue(answer["molecules"][0]["routes"])
        self.assertTrue(all(route["steps"] == 1 for route in answer["molecules"][0]["routes"]))

    def test_svg_and_html_stand_alone(self):
        svg = self.folder / "routes.svg"
        self.works("routes", LILIAL, "-o", str(svg))
        text = svg.read_text(encoding="utf-8")
        xml.etree.ElementTree.fromstring(text)
        self.assertIn("propanal", text)
        page = self.folder / "routes.html"
        self.works("routes", LILIAL, "-o", str(page))
        text = page.read_text(encoding="utf-8")
        self.assertIn("crossed aldol", text)
        self.assertIn("<svg", text)
        self.assertNotRegex(text, re.compile(r"<script|<link|src=|href=\"http", re.IGNORECASE))

    def test_names_come_from_stdin(self):
        text = self.works("routes", "-", "--format", "json", stdin=f"{ESTER} isoamyl acetate\n\n".encode())
        self.assertEqual("isoamyl acetate", json.loads(text)["molecules"][0]["name"])

    def test_names_are_escaped(self):
        text = self.works("routes", "-", "--format", "html", stdin=f"{ESTER} <script>\n".encode())
        self.assertNotIn("<script>", text)

    def test_no_route_is_said_and_is_no_error(self):
        self.assertIn("No route found within 2 steps", self.works("routes", ADAMANTANE, "--max-steps", "2"))

    def test_weapons_are_refused(self):
        done = self.fails(2, "routes", "CC(C)OP(C)(=O)F", "--format", "json", says="no route is planned")
        self.assertNotIn("routes", json.loads(done.stdout)["molecules"][0])

    def test_bad_molecules_are_answered_in_place(self):
        done = self.fails(2, "routes", "C1CC", ESTER, "--format", "json", says="C1CC")
        molecules = json.loads(done.stdout)["molecules"]
        self.assertIn("error", molecules[0])
        self.assertTrue(molecules[1]["routes"])
        self.fails(2, "routes", "CCCO.CCCN", says="several fragments")
        self.fails(2, "routes", "C", says="2 to 60")
        self.fails(2, "routes", "C1CC", "CCCO.CCCN", says="2 of 2")

    def test_bad_options_say_what_would_be_right(self):
        self.fails(2, "routes", ESTER, "--max-steps", "4", says="3")
        self.fails(2, "routes", ESTER, "-n", "0", says="1")
        self.fails(2, "routes", ESTER, "--format", "pdf", says="table, json, svg, html")
        self.fails(2, "routes", stdin=b"", says="no molecule")
        self.fails(3, "routes", ESTER, "-o", str(self.folder / "none" / "x.svg"))


if __name__ == "__main__":
    unittest.main()
