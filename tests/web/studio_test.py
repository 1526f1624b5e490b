"""Runs web/tests, Playwright in Debian's Chromium, against the program named as argument, after checking that the pages in
web/dist are what the sources in web/ give. Packages from npm are installed by the lock file where they are not yet."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
import own_home  # noqa: E402, F401

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"


def run(*command, **environment):
    subprocess.run(command, cwd=WEB, check=True, env={**os.environ, **environment}, stdin=subprocess.DEVNULL)


def install():
    """npm ci, unless node_modules was made from this very lock file."""
    lock = (WEB / "package-lock.json").read_text()
    stamp = WEB / "node_modules" / ".made-from"
    if stamp.exists() and stamp.read_text() == lock:
        return
    run("npm", "ci", "--no-audit", "--no-fund")
    stamp.write_text(lock)


def main():
    program = Path(sys.argv[1]).resolve()
    for tool, why in (("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: install Debian's package {why}")
    install()
    run("npm", "run", "--silent", "check")
    run("npx", "playwright", "test", *sys.argv[2:], ODORDIFF_PROGRAM=str(program), CHROMIUM=shutil.which("chromium"))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
