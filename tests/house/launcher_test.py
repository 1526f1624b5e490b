"""The launcher on machines in every state. apt-get, dpkg-query, cmake and ninja are stood in for: a test may neither
install packages nor take minutes."""

import os
import pathlib
import shutil
import tempfile
import unittest

from house import ROOT, run

TOOLS = "bash cat awk chmod comm env find flock grep id mkdir mv nproc readlink rm sed sort tail tee touch"


class Machine:
    """A machine whose PATH holds the plain tools and what a test puts there, and a source tree with the launcher."""

    def __init__(self, folder):
        self.bin = folder / "bin"
        self.tree = folder / "tree of mine"
        self.log = folder / "log"
        self.bin.mkdir()
        self.tree.mkdir()
        for tool in TOOLS.split():
            if path := shutil.which(tool):
                (self.bin / tool).symlink_to(path)
        shutil.copy(ROOT / "odordiff", self.tree)

    def add_tree(self):
        """All that the launcher needs from a source tree."""
        for name in ("src", "apps", "include", "data", "cmake", "web/dist"):
            (self.tree / name).mkdir(parents=True)
        for name in ("build.sh", "packages.txt"):
            shutil.copy(ROOT / "cmake" / name, self.tree / "cmake")
        (self.tree / "CMakeLists.txt").write_text("\n")
        (self.tree / "CMakePresets.json").write_text("{}\n")

    def add_tool(self, name, script):
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/bash\necho \"{name} $*\" >>'{self.log}'\n{script}\n")
        path.chmod(0o755)

    def add_debian(self, user=0, missing=""):
        """A Debian machine; `missing` packages are not installed."""
        self.add_tool("id", f"echo {user}")
        self.add_tool("apt-get", "true")
        self.add_tool(
            "dpkg-query",
            'shift 3; for p in "$@"; do case " %s " in *" $p "*) ;; *) echo "$p installed" ;; esac; done' % missing,
        )

    def add_compilers(self, ninja=""):
        """cmake and ninja that make a program which repeats its arguments."""
        self.add_tool("cmake", "mkdir -p build/release; touch build/release/build.ninja; echo configured")
        make = (
            'mkdir -p "$2/apps"; printf \'#!/bin/bash\\necho "ran:$*"\\n\' >"$2/apps/odordiff"; '
            'chmod +x "$2/apps/odordiff"; echo "[1/1] done"'
        )
        self.add_tool("ninja", ninja or make)

    def launch(self, *arguments, **environment):
        clean = {"PATH": str(self.bin), "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
        return run([str(self.bin / "bash"), str(self.tree / "odordiff"), *arguments], env={**clean, **environment})

    def calls(self, tool):
        """The lines with which `tool` was called."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.split()[0] == tool]


class Launcher(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Machine(pathlib.Path(folder.name))

    def test_help_needs_nothing_but_the_launcher(self):
        result = self.machine.launch("--help")
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        self.assertTrue(result.stdout.splitlines()[0].strip().startswith("./odordiff generate "))
        self.assertEqual(["odordiff"], os.listdir(self.machine.tree))

    def test_no_arguments_is_a_usage_error_with_help_on_stderr(self):
        result = self.machine.launch()
        self.assertEqual((2, ""), (result.returncode, result.stdout))
        self.assertIn("./odordiff generate", result.stderr)

    def test_outside_a_source_tree_it_says_so(self):
        result = self.machine.launch("generate", "grass")
        self.assertEqual((3, ""), (result.returncode, result.stdout))
        self.assertIn("not an OdorDiff source tree", result.stderr)

    def test_where_there_is_no_apt_it_names_the_packages_and_the_way_round(self):
        self.machine.add_tree()
        result = self.machine.launch("version")
        self.assertEqual((3, ""), (result.returncode, result.stdout))
        self.assertIn("not a Debian system", result.stderr)
        self.assertIn("librdkit-dev", result.stderr)
        self.assertIn("ODORDIFF_NO_INSTALL=1", result.stderr)

    def test_with_neither_root_nor_sudo_it_says_what_to_ask_for(self):
        self.machine.add_tree()
        self.machine.add_debian(user=1000, missing="libbrotli-dev")
        result = self.machine.launch("version")
        self.assertEqual(3, result.returncode)
        self.assertIn("apt-get install libbrotli-dev", result.stderr)
        self.assertEqual([], self.machine.calls("apt-get"))

    def test_first_run_installs_what_is_missing_builds_and_becomes_the_program(self):
        self.machine.add_tree()
        self.machine.add_debian(missing="g++ libbrotli-dev")
        self.machine.add_compilers()
        result = self.machine.launch("generate", "a b", "")
        self.assertEqual((0, "ran:generate a b \n"), (result.returncode, result.stdout))
        self.assertIn("installing 2 Debian packages: g++ libbrotli-dev", result.stderr)
        installs = [call for call in self.machine.calls("apt-get") if " install " in call]
        self.assertEqual(1, len(installs))
        self.assertTrue(installs[0].endswith("install --no-install-recommends g++ libbrotli-dev"))
        self.assertTrue(self.machine.calls("ninja")[0].endswith(" odordiff"))

    def test_a_user_installs_through_sudo(self):
        self.machine.add_tree()
        self.machine.add_debian(user=1000, missing="cmake")
        self.machine.add_compilers()
        self.machine.add_tool("sudo", 'exec "$@"')
        self.assertEqual(0, self.machine.launch("version").returncode)
        self.assertEqual(2, len(self.machine.calls("sudo")))

    def test_a_failed_install_says_so_and_builds_nothing(self):
        self.machine.add_tree()
        self.machine.add_debian(missing="cmake")
        self.machine.add_compilers()
        self.machine.add_tool("apt-get", "echo 'E: no network'; exit 100")
        result = self.machine.launch("version")
        self.assertEqual(3, result.returncode)
        self.assertIn("E: no network", result.stderr)
        self.assertEqual([], self.machine.calls("cmake"))

    def test_later_runs_touch_neither_packages_nor_build(self):
        self.machine.add_tree()
        self.machine.add_debian()
        self.machine.add_compilers()
        self.machine.launch("version")
        self.machine.log.unlink()
        result = self.machine.launch("version")
        self.assertEqual((0, "ran:version\n", ""), (result.returncode, result.stdout, result.stderr))
        self.assertFalse(self.machine.log.exists())

    def test_a_changed_source_is_built_again(self):
        self.machine.add_tree()
        self.machine.add_debian()
        self.machine.add_compilers()
        self.machine.launch("version")
        stamp = self.machine.tree / "build/release/launcher.stamp"
        os.utime(stamp, (1, 1))
        (self.machine.tree / "src/a.cpp").write_text("\n")
        self.machine.launch("version")
        self.assertEqual(2, len(self.machine.calls("ninja")))
        self.assertEqual(1, len(self.machine.calls("cmake")))

    def test_a_failed_build_shows_the_error_and_where_the_log_is_and_is_tried_again(self):
        self.machine.add_tree()
        self.machine.add_debian()
        self.machine.add_compilers(ninja="echo '[1/9] error.cpp'; echo 'a.cpp:1: error: oh'; exit 1")
        for _ in range(2):
            result = self.machine.launch("version")
            self.assertEqual((3, ""), (result.returncode, result.stdout))
            self.assertIn("a.cpp:1: error: oh", result.stderr)
            self.assertNotIn("error.cpp", result.stderr)
            self.assertIn("build/release.log", result.stderr)
        self.assertEqual(2, len(self.machine.calls("ninja")))

    def test_a_moved_tree_is_configured_anew(self):
        self.machine.add_tree()
        self.machine.add_debian()
        self.machine.add_compilers()
        release = self.machine.tree / "build/release"
        release.mkdir(parents=True)
        (release / "build.ninja").touch()
        (release / "CMakeCache.txt").write_text("CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere\n")
        self.assertEqual(0, self.machine.launch("version").returncode)
        self.assertEqual(1, len(self.machine.calls("cmake")))

    def test_packages_are_left_alone_when_told_so(self):
        self.machine.add_tree()
        self.machine.add_compilers()
        result = self.machine.launch("version", ODORDIFF_NO_INSTALL="1")
        self.assertEqual((0, "ran:version\n"), (result.returncode, result.stdout))

    def test_it_works_through_a_link(self):
        self.machine.add_tree()
        self.machine.add_compilers()
        link = self.machine.bin / "linked"
        link.symlink_to(self.machine.tree / "odordiff")
        result = run(
            [str(self.machine.bin / "bash"), str(link), "version"],
            env={"PATH": str(self.machine.bin), "ODORDIFF_NO_INSTALL": "1"},
        )
        self.assertEqual("ran:version\n", result.stdout)


class TestScript(unittest.TestCase):
    def test_help_runs_nothing(self):
        result = run([str(ROOT / "test"), "--help"])
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        self.assertIn("--quick", result.stdout)

    def test_bad_usage_is_told_apart(self):
        for arguments in (["--nonsense"], ["--fuzz"], ["--fuzz", "0"], ["--fuzz", "1.5"]):
            result = run([str(ROOT / "test"), *arguments])
            self.assertEqual((2, ""), (result.returncode, result.stdout), arguments)


if __name__ == "__main__":
    unittest.main()
