"""Gives the tests that import it a home folder of their own, so that they neither meet nor change what belongs to the user."""

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="odordiff-home-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("XDG_")]:
    del os.environ[_name]
os.environ["HOME"] = _home
