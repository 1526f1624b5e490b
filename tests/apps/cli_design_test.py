"""`odordiff design` as a user meets it: its four formats, and what it says when a design cannot be made."""

import csv
import html.parser
import io
import json
import re
import unittest

from cli import CliTest, odordiff

ARGS = ["design", "--top", "citrus, fresh", "--heart", "rose, floral", "--base", "sandalwood, woody", "-n", "2", "--seed", "3"]


class Tags(html.parser.HTMLParser):
    """Counts tags and notes what the page would fetch."""

    def __init__(self):
        super().__init__()
        self.count, self.fetched, self.roles = {}, [], []

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs:
            if name in ("src", "href") and value and not value.startswith("#"):
                self.fetched.append(value)
            if name == "role":
                self.roles.append(value)


class DesignTest(CliTest):
    def test_json_sums_to_a_thousand_within_limits_and_covers_eight_hours(self):
        answer = json.loads(self.works(*ARGS, "--format", "json"))
        parts = [i["parts_per_thousand"] for i in answer["formula"]]
        self.assertAlmostEqual(sum(parts), 1000, delta=0.1)
        for i in answer["formula"]:
            self.assertLessEqual(i["parts_per_thousand"], i["limit_parts_per_thousand"] + 0.01)
            if i["note"] != "solvent":
                self.assertEqual(i["note"], i["molecule"]["note"])
        curve = answer["evaporation"]
        self.assertEqual(curve["hours"][0], 0)
        self.assertEqual(curve["hours"][-1], 8)
        self.assertEqual(len(curve["remaining"]), len(curve["hours"]))
        self.assertEqual(len(curve["strength"][0]), len(curve["descriptors"]))
        self.assertEqual(answer["product"]["ifra_category"], "4")

    def test_the_same_seed_gives_the_same_bytes(self):
        once = self.works(*ARGS, "--format", "json")
        self.assertEqual(once, self.works(*ARGS, "--format", "json", "--threads", "1"))

    def test_table_names_parts_and_hours(self):
        text = self.works(*ARGS)
        for word in ("Formula", "Parts ‰", "top", "heart", "base", "Smell over the hours", "8 h"):
            self.assertIn(word, text)

    def test_csv_is_one_row_an_ingredient(self):
        rows = list(csv.DictReader(io.StringIO(self.works(*ARGS, "--format", "csv"), newline="")))
        self.assertAlmostEqual(sum(float(r["parts_per_thousand"]) for r in rows), 1000, delta=0.1)
        for r in rows:
            self.assertGreaterEqual(float(r["remaining_1h"]), float(r["remaining_8h"]))

    def test_html_needs_nothing_else_and_can_be_spoken(self):
        path = self.folder / "design.html"
        self.works(*ARGS, "-o", str(path))
        page = path.read_text(encoding="utf-8")
        tags = Tags()
        tags.feed(page)
        self.assertEqual(tags.fetched, [])
        self.assertNotIn("script", tags.count)
        self.assertGreaterEqual(tags.roles.count("img"), 7)  # the plot and each structure
        self.assertIn("<title id=\"plot-title\">Smell over 8 hours</title>", page)
        self.assertIn("prefers-color-scheme:dark", page)
        self.assertRegex(page, r'class="line"[^>]* d="M')
        self.assertIsNone(re.search(r"\bnan\b|\binf\b", page))

    def test_words_from_outside_cannot_become_markup(self):
        page = self.works("design", "--heart", "rose <script>alert(1)</script>", "-n", "1", "--format", "html")
        self.assertNotIn("<script", page)


class RefusalTest(CliTest):
    def test_a_design_without_words_is_refused(self):
        self.fails(2, "design", says="at least one note")

    def test_an_unknown_category_is_answered_with_the_known_ones(self):
        self.fails(2, "design", "--top", "citrus", "--category", "rocket", says="fine-fragrance")

    def test_a_contradiction_between_note_and_style_is_named(self):
        self.fails(2, "design", "--heart", "rose", "--style", "no rose", says=["heart", "rose", "style refuses"])

    def test_a_heavy_top_note_is_refused_with_the_volatility_that_it_needs(self):
        self.fails(2, "design", "--top", "musk", "--mw", "235:320", "-n", "1",
                   says=["top note cannot be met", "13 Pa", "235 to 320 g/mol"])

    def test_limits_that_leave_the_formula_short_are_named_when_no_solvent_is_allowed(self):
        self.fails(2, "design", "--heart", "rose", "-n", "1", "--no-solvent",
                   says=["1,000 parts cannot be reached", "heart"])

    def test_shares_and_ranges_are_checked(self):
        self.fails(2, "design", "--top", "citrus", "--shares", "1:2", says="TOP:HEART:BASE")
        self.fails(2, "design", "--top", "citrus", "--shares", "0:1:1", says="share of 0")
        self.fails(2, "design", "--top", "citrus", "--mw", "300:100", says="300")
        self.fails(2, "design", "--top", "citrus", "-n", "0", says="-n")

    def test_nothing_is_left_behind_when_it_fails(self):
        path = self.folder / "design.html"
        self.fails(2, "design", "--heart", "rose", "--style", "no rose", "-o", str(path), says="style")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_help_starts_with_an_example(self):
        text = odordiff("design", "--help").stdout.decode()
        self.assertTrue(text.startswith("odordiff design --top"))


if __name__ == "__main__":
    unittest.main()
