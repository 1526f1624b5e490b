"""What the house checks share: where the tree is and which files belong to it."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = {"build", ".git", ".cache", "__pycache__", "node_modules"}


def files(*folders, suffixes, root=ROOT):
    """Files of these folders of the tree with one of these suffixes, sorted; build outputs are left out."""
    found = []
    for folder in folders:
        for path in (root / folder).rglob("*"):
            parts = path.relative_to(root).parts
            if path.suffix in suffixes and path.is_file() and not SKIPPED.intersection(parts):
                found.append(path)
    return sorted(found)


def run(command, **options):
    """Runs a command to its end; output as text."""
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
