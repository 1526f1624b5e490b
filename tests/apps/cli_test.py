"""Answers of the real `odordiff`, command by command and format by format."""

import csv
import io
import json
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree

from cli import BIN, BRIEF, ESTER, CliTest, environment, odordiff


class Generate(CliTest):
    def test_json_has_brief_seed_and_molecules_with_scores(self):
        answer = json.loads(self.works("generate", BRIEF, "-n", "3", "--seed", "7", "--format", "json"))
        self.assertEqual((answer["brief"], answer["seed"], len(answer["molecules"])), (BRIEF, 7, 3))
        self.assertTrue(answer["understood"])
        self.assertGreater(answer["weights"]["banana"], 0)
        for rank, molecule in enumerate(answer["molecules"], 1):
            self.assertEqual(molecule["rank"], rank)
            for name in ("score", "match", "odorous", "synthesizability", "novelty"):
                self.assertTrue(0 <= molecule[name] <= 1, (name, molecule))
            self.assertTrue(molecule["smiles"])

    def test_the_same_request_gives_the_same_bytes(self):
        command = ("generate", BRIEF, "-n", "3", "--format", "json")
        self.assertEqual(self.works(*command), self.works(*command, "--threads", "1"))
        self.assertEqual(json.loads(self.works(*command))["seed"], 0)

    def test_the_brief_may_come_from_stdin_or_unquoted(self):
        command = ("--format", "json", "-n", "2")
        quoted = self.works("generate", BRIEF, *command)
        self.assertEqual(quoted, self.works("generate", *BRIEF.split(), *command))
        self.assertEqual(quoted, self.works("generate", *command, stdin=BRIEF.encode() + b"\n"))
        self.assertEqual(quoted, self.works("generate", "-", *command, stdin=BRIEF.encode()))

    def test_every_format(self):
        def out(name):
            return self.works("generate", BRIEF, "-n", "2", "--format", name)

        self.assertEqual([json.loads(line)["rank"] for line in out("jsonl").splitlines()], [1, 2])
        rows = list(csv.DictReader(io.StringIO(out("csv"), newline="")))
        self.assertEqual([row["rank"] for row in rows], ["1", "2"])
        self.assertEqual(out("sdf").count("$$$$\n"), 2)
        self.assertEqual(out("sdf").count("M  END\n"), 2)
        self.assertTrue(ElementTree.fromstring(out("svg")).tag.endswith("svg"))
        page = out("html")
        self.assertTrue(page.startswith("<!doctype html>") and page.endswith("</html>\n"))
        self.assertEqual(page.count("<svg"), 2)
        self.assertNotIn("src=", page)
        table = out("table")
        for text in ("SMILES", "Formula", "logP", "seed 0", rows[0]["smiles"]):
            self.assertIn(text, table)

    def test_the_ending_of_the_output_names_the_format(self):
        file = self.folder / "out.csv"
        self.assertEqual(self.works("generate", BRIEF, "-n", "2", "--output", str(file)), "")
        self.assertTrue(file.read_text().startswith("rank,smiles"))
        self.assertEqual([file], list(self.folder.iterdir()))
        self.works("generate", BRIEF, "-n", "2", "--output", str(file), "--format", "json")
        self.assertEqual(len(json.loads(file.read_text())["molecules"]), 2)

    def test_ranges_hold(self):
        done = odordiff("generate", BRIEF, "-n", "4", "--mw", "120:200", "--logp", "1:4", "--format", "json")
        self.assertIn(done.returncode, (0, 4), done)
        for molecule in json.loads(done.stdout)["molecules"]:
            self.assertTrue(120 <= molecule["properties"]["molecular_weight"] <= 200)
            self.assertTrue(1 <= molecule["properties"]["logp"] <= 4)

    def test_fewer_molecules_than_asked_for_are_printed_and_explained(self):
        # Nothing that smells weighs 80.0 to 80.1.
        done = odordiff("generate", BRIEF, "-n", "3", "--mw", "80.0:80.01", "--budget", "2", "--format", "json")
        self.assertEqual(done.returncode, 4, done)
        answer = json.loads(done.stdout)
        self.assertLess(len(answer["molecules"]), 3)
        self.assertTrue(answer["note"])
        self.assertNotEqual(answer["stop"], "complete")

    def test_words_without_meaning_are_answered_and_said_not_to_be_understood(self):
        answer = json.loads(self.works("generate", "asdfgh", "-n", "2", "--format", "json"))
        self.assertFalse(answer["understood"])
        self.assertEqual(len(answer["molecules"]), 2)
        self.assertIn("understood", answer["note"])
        self.assertIn("understood", self.works("generate", "asdfgh", "-n", "1"))
        self.assertIn("understood", self.works("explain", "asdfgh"))

    def test_like_and_keep(self):
        done = odordiff("generate", "--like", ESTER, "-n", "2", "--format", "json")
        self.assertIn(done.returncode, (0, 4), done)
        done = odordiff("generate", BRIEF, "--keep", "COC(C)=O", "-n", "2", "--format", "json")
        self.assertIn(done.returncode, (0, 4), done)

    def test_ctrl_c_ends_with_130_and_leaves_no_file(self):
        file = self.folder / "out.json"
        command = [BIN, "generate", BRIEF, "-n", "1000", "--budget", "600", "--mw", "80:80.01", "-o", str(file)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment()) as process:
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            error = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 130, error)
        self.assertEqual(len(error.splitlines()), 1, error)
        self.assertEqual(list(self.folder.iterdir()), [])


class Evaluate(CliTest):
    """The measure of steering on two words and a small table of its own."""

    def setUp(self):
        super().setUp()
        rows = [f"{'C' * i}C(=O)O{'C' * j},banana;fruity" for i in range(1, 16) for j in range(1, 16)]
        rows.append("COc1cc(C=O)ccc1O,vanilla")
        (self.folder / "odor_labels.csv").write_text("\n".join(["smiles,descriptors", *rows, ""]))
        self.command = ("evaluate", "--data", str(self.folder), "--steering", "--descriptor", "banana",
                        "--descriptor", "vanilla", "--effort", "0.5")

    def test_steering_as_json_has_each_word_with_its_interval(self):
        result = json.loads(self.works(*self.command, "--format", "json"))
        self.assertEqual([d["name"] for d in result["descriptors"]], ["banana", "vanilla"])
        for word in result["descriptors"]:
            self.assertEqual(word["molecules"], 10)
            self.assertTrue(word["ratio"]["low"] <= word["ratio"]["value"] <= word["ratio"]["high"], word)
        self.assertEqual([d["reference_from"] for d in result["descriptors"]], ["held_out", "taught"])
        self.assertTrue(0 <= result["below_half"]["value"] <= 1)
        self.assertTrue(0 < result["nearest_similarity"] < 1)
        self.assertEqual(result["without_answer"], 0)

    def test_steering_as_a_table_says_where_a_reference_is_an_estimate(self):
        table = self.works(*self.command)
        for text in ("banana", "steering, median over descriptors", "share of descriptors below half",
                     "* fewer than three held-out molecules"):
            self.assertIn(text, table)

    def test_a_descriptor_that_is_none_is_refused_with_the_nearest(self):
        run = odordiff("evaluate", "--data", str(self.folder), "--steering", "--descriptor", "banan")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("did you mean banana?", run.stderr.decode() if isinstance(run.stderr, bytes) else run.stderr)


class Describe(CliTest):
    def test_one_object_a_line_in_input_order_with_errors_in_their_place(self):
        lines = f"{ESTER} isoamyl acetate\nC(C\n\n[NH4+]\n".encode()
        done = self.fails(2, "describe", "-", "--format", "jsonl", stdin=lines)
        out = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([entry["smiles"] for entry in out], [ESTER, "C(C", "", "[NH4+]"])
        self.assertEqual(["error" in entry for entry in out], [False, True, True, False])
        self.assertEqual(out[0]["name"], "isoamyl acetate")
        self.assertEqual(len(out[0]["descriptors"]), 8)
        values = list(out[0]["descriptors"].values())
        self.assertEqual(values, sorted(values, reverse=True))

    def test_all_descriptors(self):
        entry = json.loads(self.works("describe", ESTER, "--all", "--format", "jsonl"))
        self.assertEqual(len(entry["descriptors"]), 138)
        self.assertTrue(all(0 <= value <= 1 for value in entry["descriptors"].values()))

    def test_json_holds_all_and_agrees_with_jsonl_over_batches(self):
        smiles = ["C" * (1 + i % 20) + "O" for i in range(150)]
        text = "\n".join(smiles).encode()
        whole = json.loads(self.works("describe", "--format", "json", stdin=text))["molecules"]
        lines = [json.loads(line) for line in self.works("describe", "--format", "jsonl", stdin=text).splitlines()]
        self.assertEqual([entry["smiles"] for entry in whole], smiles)
        self.assertEqual(whole, lines)

    def test_arguments_in_brackets_stay_molecules(self):
        out = self.works("describe", "[NH4+]", "[Na+].[Cl-]", "--format", "jsonl").splitlines()
        self.assertEqual([json.loads(line)["smiles"] for line in out], ["[NH4+]", "[Na+].[Cl-]"])

    def test_table(self):
        self.assertIn(ESTER, self.works("describe", ESTER))


class Assess(CliTest):
    CITRAL = "CC(C)=CCCC(C)=CC=O"

    def one(self, *args, **options):
        return json.loads(self.works("assess", *args, "--format", "jsonl", **options))

    def test_findings_regions_and_numbers(self):
        entry = self.one(self.CITRAL)
        self.assertEqual(entry["decision"], "accepted")
        self.assertFalse(entry["forbidden"])
        self.assertTrue(0.5 <= entry["score"] <= 1)
        self.assertEqual(entry["regions"]["IFRA"]["verdict"], "restricted")
        self.assertEqual(entry["regions"]["IFRA"]["limits_percent"]["4"], 0.6)
        self.assertEqual(entry["regions"]["EU"]["verdict"], "declare")
        enal = next(f for f in entry["findings"] if f["id"] == "sens.michael.enal")
        self.assertEqual((enal["severity"], enal["effect"], enal["atoms"]), ("moderate", "warning", [6, 8, 9, 10]))
        self.assertTrue(enal["source"] and enal["reason"])
        self.assertEqual(len(entry["tox21"]), 12)
        self.assertEqual(entry["environment"]["biodegradation_within"], "weeks")

    def test_forbidden_says_so_and_no_threshold_lets_it_pass(self):
        entry = self.one("CC(N)Cc1ccccc1", "--threshold", "0")
        self.assertEqual((entry["decision"], entry["forbidden"], entry["score"]), ("forbidden", True, 0))
        self.assertIn("never returned", self.works("assess", "CC(N)Cc1ccccc1"))

    def test_a_lower_threshold_accepts_what_is_excluded_by_default(self):
        lilial = "CC(C=O)Cc1ccc(C(C)(C)C)cc1"
        self.assertEqual(self.one(lilial)["decision"], "excluded")
        self.assertEqual(self.one(lilial, "--threshold", "0.1")["decision"], "accepted")

    def test_out_of_domain_has_a_mark_and_no_numbers(self):
        entry = self.one("[Fe+2].[Cl-].[Cl-]")
        self.assertEqual((entry["decision"], entry["in_domain"], entry["score"]), ("out of domain", False, None))
        self.assertIsNone(entry["tox21"])
        self.assertIn("metal", entry["domain_note"])
        self.assertIn("out of domain", self.works("assess", "[Fe+2].[Cl-].[Cl-]"))

    def test_lines_from_stdin_in_order_with_errors_in_their_place(self):
        done = self.fails(2, "assess", "-", "--format", "jsonl", stdin=f"{ESTER} isoamyl acetate\nC(C\n".encode())
        out = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([entry["smiles"] for entry in out], [ESTER, "C(C"])
        self.assertEqual(out[0]["name"], "isoamyl acetate")
        self.assertIn("error", out[1])

    def test_one_region_and_the_catalogues(self):
        entry = self.one(self.CITRAL, "--region", "EU", "--catalogs")
        self.assertEqual(list(entry["regions"]), ["EU"])
        self.assertTrue(any(hit["catalog"] == "BRENK" for hit in entry["catalogs"]))

    def test_table(self):
        table = self.works("assess", self.CITRAL)
        for text in ("accepted", "IFRA: restricted", "2-Alkenal"):
            self.assertIn(text, table)


class Explain(CliTest):
    def test_says_what_each_word_gives(self):
        read = json.loads(self.works("explain", "very sweet banana, not green", "--format", "json"))
        self.assertTrue(read["understood"])
        self.assertGreater(read["weights"]["banana"], 0)
        self.assertLess(read["weights"]["green"], 0)
        self.assertTrue(any(term["negated"] for term in read["terms"]))
        raw = "very sweet banana, not green".encode()
        for term in read["terms"]:
            self.assertEqual(raw[term["begin"] : term["end"]].decode(), term["text"])

    def test_table(self):
        self.assertIn("banana", self.works("explain", stdin=b"ripe banana"))


class DrawModelsVersion(CliTest):
    def test_draw(self):
        file = self.folder / "out.svg"
        self.works("draw", ESTER, "CCO", "--output", str(file), "--captions", "--highlight", "C=O")
        self.assertTrue(ElementTree.parse(file).getroot().tag.endswith("svg"))
        self.assertTrue(self.works("draw", ESTER).startswith("<svg"))

    def test_draw_attribution_colours_atoms(self):
        plain = self.works("draw", "CCCCCCS")
        coloured = self.works("draw", "CCCCCCS", "--attribute", "sulfurous")
        self.assertGreater(coloured.count("ellipse"), plain.count("ellipse"))
        self.assertIn("sulfurous 0.", coloured)

    def test_nearest(self):
        answer = json.loads(self.works("nearest", "dewy", "rose", "-n", "3", "--format", "json"))
        self.assertEqual(answer["brief"], "dewy rose")
        self.assertEqual(len(answer["materials"]), 3)
        self.assertGreater(answer["materials"][0]["odor"]["rose"], 0.5)
        mine = self.folder / "mine.smi"
        mine.write_text("# my shelf\nCC(=O)OCCC(C)C isoamyl acetate\nCOc1cc(C=O)ccc1O\tvanillin\n")
        answer = json.loads(self.works("nearest", "--smiles", "CCOc1cc(C=O)ccc1O", "--among", str(mine), "--format", "json"))
        self.assertEqual([m["name"] for m in answer["materials"]], ["vanillin", "isoamyl acetate"])
        self.assertIn("vanillin", self.works("nearest", "vanilla", "--among", str(mine)))

    def test_describe_gives_notes_and_a_sentence(self):
        described = json.loads(self.works("describe", "CCCCCCS", "--format", "json"))["molecules"][0]
        self.assertEqual(described["primary_notes"][0], "sulfurous")
        self.assertTrue(described["character"].startswith("Sulfurous"))
        self.assertIn("Probably odorless", self.works("describe", "OCC(O)C(O)C(O)C(O)CO"))

    def test_models(self):
        models = json.loads(self.works("models", "list", "--format", "json"))["models"]
        self.assertTrue(models[0]["used"])
        checked = json.loads(self.works("models", "verify", "--format", "json"))
        self.assertTrue(checked["good"] and checked["files"])
        self.assertIn("ok", self.works("models", "verify"))

    def test_version(self):
        version = json.loads(self.works("version", "--format", "json"))["version"]
        self.assertEqual(self.works("--version"), f"odordiff {version}\n")
        self.assertIn(version, self.works("version"))


if __name__ == "__main__":
    unittest.main()
