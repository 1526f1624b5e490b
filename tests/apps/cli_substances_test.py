"""A molecule is the same substance in every writing, for every command; who may be handled, and who proposed."""

import json
import unittest

from cli import ROOT, CliTest, odordiff

SARIN, AMPHETAMINE, TNT = "CC(C)OP(C)(=O)F", "CC(N)Cc1ccccc1", "Cc1c([N+](=O)[O-])cc([N+](=O)[O-])cc1[N+](=O)[O-]"
REFUSED = [SARIN, AMPHETAMINE, TNT, "[13CH3]C(C)OP(C)(=O)F", "C[CH:1]([NH3+])Cc1ccccc1.[Cl-]", "CC(C)O[P+](C)([O-])F"]
PRECURSORS = ["CC(C)=O", "[CH3:1][C:2](=[O:3])[CH3:4]", "[13CH3]C(C)=O", "CC(O)=C", "O=Cc1ccc2OCOc2c1", "O=C(O)Cc1ccccc1",
              "[O-]C(=O)Cc1ccccc1.[Na+]", "Cc1ccccc1", "[2H]c1ccccc1C"]


def disguises():
    rows = (ROOT / "tests/safety/disguises.tsv").read_text(encoding="utf-8").splitlines()
    return [row.split("\t")[:3] for row in rows if not row.startswith("#")]


def sample():
    """Of each kind the first that may be handled, and is one molecule."""
    met = {}
    for kind, plain, disguise in disguises():
        if kind not in met and len(plain) > 8 and plain not in PRECURSORS:
            met[kind] = (plain, disguise)
    return list(met.values())


class Disguises(CliTest):
    def lines(self, command, molecules, *options):
        done = odordiff(command, "-", "--format", "jsonl", *options, stdin="\n".join(molecules).encode())
        self.assertIn(done.returncode, (0, 2), done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_assess_gives_each_the_verdict_of_the_plain_writing(self):
        rows = disguises()
        self.assertGreaterEqual(len(rows), 400)
        expected = self.lines("assess", [plain for _, plain, _ in rows])
        given = self.lines("assess", [disguise for _, _, disguise in rows])
        for (kind, plain, disguise), right, got in zip(rows, expected, given, strict=True):
            self.assertEqual(got.pop("smiles"), disguise)
            del right["smiles"]
            for entry in (right, got):
                for finding in entry["findings"]:
                    del finding["atoms"]  # numbered along the writing
                if kind == "stereo":
                    del entry["canonical_smiles"]
            self.assertEqual(got, right, (kind, plain, disguise))

    def test_describe_tells_the_same(self):
        rows = disguises()
        expected = self.lines("describe", [plain for _, plain, _ in rows])
        given = self.lines("describe", [disguise for _, _, disguise in rows])
        for (kind, plain, disguise), right, got in zip(rows, expected, given, strict=True):
            self.assertEqual("error" in got, "error" in right, (kind, plain, disguise))
            if kind != "stereo":  # the predictors know no stereo, the physics of a name may
                self.assertEqual(got.get("descriptors"), right.get("descriptors"), (kind, plain, disguise))
                self.assertEqual(got.get("character"), right.get("character"), (kind, plain, disguise))

    def test_draw_nearest_routes_and_generate_treat_them_alike(self):
        for plain, disguise in sample():
            for command in (("draw",), ("nearest", "-n", "3", "--format", "json", "--smiles"),
                            ("routes", "--max-steps", "1", "-n", "1", "--format", "json")):
                right, got = odordiff(*command, plain), odordiff(*command, disguise)
                self.assertEqual(got.returncode, right.returncode, (command, plain, disguise, got.stderr))
                self.assertEqual(right.stdout and b"error" in right.stdout, got.stdout and b"error" in got.stdout)
        for option in ("--like", "--keep"):
            for plain, disguise in [("CC(C)=O", "[CH3:1][C:2](=[O:3])[CH3:4]"),
                                    ("CC(C=O)Cc1ccc(C(C)(C)C)cc1", "[CH3:1]C(C=O)Cc1ccc(cc1)C(C)(C)C"),
                                    (AMPHETAMINE, "[2H]N([2H])C(C)Cc1ccccc1"), (TNT, "[13CH3]" + TNT[1:])]:
                command = ("generate", "sweet", "-n", "1", "--format", "json")
                right, got = odordiff(*command, option, plain), odordiff(*command, option, disguise)
                self.assertEqual((got.returncode, got.stdout), (right.returncode, right.stdout), (option, disguise))


class Policy(CliTest):
    def test_what_may_not_be_handled_is_refused_by_every_command_but_assess(self):
        for smiles in REFUSED:
            for command in (["describe", smiles], ["draw", smiles], ["routes", smiles], ["nearest", "--smiles", smiles],
                            ["generate", "rose", "--like", smiles], ["generate", "rose", "--keep", smiles]):
                done = odordiff(*command)
                self.assertEqual(done.returncode, 2, (command, done))
                self.assertIn("controlled or dangerous substance", done.stderr.decode(), command)
                self.assertNotIn(b"<svg", done.stdout)
            entry = json.loads(self.works("assess", smiles, "--format", "jsonl"))
            self.assertEqual((entry["decision"], entry["forbidden"], entry["never_proposed"]), ("forbidden", True, True))

    def test_controlled_precursors_are_handled_with_a_note_and_no_route_is_planned(self):
        for smiles in PRECURSORS:
            entry = json.loads(self.works("assess", smiles, "--format", "jsonl"))
            self.assertEqual((entry["smiles"], entry["forbidden"], entry["never_proposed"]), (smiles, False, True))
            self.assertIn("UN Convention 1988", entry["note"])
            self.assertNotEqual(entry["regions"]["IFRA"]["verdict"], "controlled")
            for region in ("EU", "US"):
                self.assertEqual(entry["regions"][region]["verdict"], "controlled")
            self.works("describe", smiles)
            self.assertIn("<svg", self.works("draw", smiles))
            self.fails(2, "routes", smiles, says="UN Convention 1988")
        self.assertIn("is never proposed", self.works("assess", "CC(C)=O"))

    def test_a_controlled_precursor_is_not_among_the_answers(self):
        answer = json.loads(self.works("nearest", "sweet heliotrope cherry", "-n", "200", "--format", "json"))
        self.assertNotIn("O=Cc1ccc2c(c1)OCO2", [material["smiles"] for material in answer["materials"]])
        varied = json.loads(self.works("generate", "--like", "O=Cc1ccc2OCOc2c1", "-n", "10", "--allow-known",
                                       "--format", "json"))
        self.assertTrue(varied["molecules"])
        for molecule in varied["molecules"]:
            self.assertNotEqual(molecule["smiles"], "O=Cc1ccc2c(c1)OCO2")
            for verdict in molecule["safety"]["regions"].values():
                self.assertNotEqual(verdict, "controlled")


if __name__ == "__main__":
    unittest.main()
