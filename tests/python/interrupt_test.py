"""Ctrl-C during a call that would take minutes."""

import signal
import subprocess
import sys

import pytest

SCRIPT = """
import sys
from odordiff import OdorDiffusion
model = OdorDiffusion.from_pretrained().load()
print("working", flush=True)
try:
    {work}
except KeyboardInterrupt:
    print("interrupted", flush=True)
    print(len(model.generate("rose", 1)))
"""
LONG = '"rose", 100, effort=50, budget_seconds=100'


@pytest.mark.parametrize("work", [f"model.generate({LONG})", f"list(model.stream({LONG}))",
                                  f"import asyncio; asyncio.run(model.generate_async({LONG}))"])
def test_is_heard_at_once(work):
    process = subprocess.Popen([sys.executable, "-c", SCRIPT.format(work=work)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "working\n"
    try:
        process.communicate(timeout=0.3)
        raise AssertionError("the call was over too soon to be interrupted")
    except subprocess.TimeoutExpired:
        pass
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert rest.split() == ["interrupted", "1"]
    assert process.returncode == 0
