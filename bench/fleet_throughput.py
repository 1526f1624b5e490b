#!/usr/bin/env python3
"""Jobs through 1, 2 and 4 Celery worker processes, and through none: briefs a second, and processor time a brief.

    build/release/tests/python/venv/bin/python bench/fleet_throughput.py --briefs 300

Starts `odordiff fleet up` on loopback with one server and so many processes of one worker; with none the server works
through the job itself, with one thread. Beside them the floor: what Celery alone takes for a task that only sleeps, for as
long as a brief takes (bench/plain_celery.py). Prints one JSON object.
"""

import argparse
import asyncio
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "testing/celery")]
from fleet import Redis, plain_app  # noqa: E402
from server_load import PROGRAM, Client, brief  # noqa: E402


def processor_s(pid):
    """Of the process and the children that it has now."""
    total = 0
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(folder.name) == pid or int(fields[1]) == pid:
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


async def run_job(port, count):
    client = Client(port)
    body = {"briefs": [brief(i) for i in range(count)], "count": 1, "effort": 0.5}
    began = time.monotonic()
    status, _, answer = await client.ask("POST", "/v1/batches", body)
    if status != 202:
        raise RuntimeError(answer)
    job = json.loads(answer)
    while job["status"] != "finished":
        await asyncio.sleep(0.05)
        job = json.loads((await client.ask("GET", f"/v1/jobs/{job['id']}"))[2])
    if job["failed"]:
        raise RuntimeError(job)
    client.close()
    return time.monotonic() - began


def measure(processes, options):
    with tempfile.TemporaryDirectory() as folder:
        command = [str(PROGRAM), "fleet", "up", "--api", "1", "--port", "0", "--folder", folder, "--format", "json",
                   "--python", sys.executable, "--workers", "1" if processes else "0", "--worker-processes", str(processes or 1)]
        environment = {**os.environ, "ODORDIFF_JOBS_THREADS": "1", "ODORDIFF_MODEL_THREADS": "1"}
        fleet = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        try:
            members = {m["name"]: m for m in json.loads(fleet.stdout.readline())["members"]}
            at_work = members["worker-1" if processes else "api-1"]["pid"]
            asyncio.run(run_job(members["api-1"]["port"], 8))  # what comes first also loads what is loaded late
            before = processor_s(at_work)
            took = asyncio.run(run_job(members["api-1"]["port"], options.briefs))
            return {"briefs_per_s": round(options.briefs / took, 1),
                    "processor_ms_a_brief": round(1e3 * (processor_s(at_work) - before) / options.briefs, 1)}
        finally:
            fleet.send_signal(signal.SIGTERM)
            fleet.wait(60)


def floor(seconds, options):
    with tempfile.TemporaryDirectory() as folder:
        broker = Redis(folder)
        worker = subprocess.Popen([sys.executable, "-m", "celery", "-A", "plain_celery", "worker", "-c", "1", "--loglevel", "info"],
                                  cwd=HERE, env={**os.environ, "BROKER_URL": broker.url}, stderr=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            app = plain_app(broker.url, broker.url)
            app.send_task("sleep", [0]).get(timeout=60)
            before, began = processor_s(worker.pid), time.monotonic()
            for task in [app.send_task("sleep", [seconds]) for _ in range(options.briefs)]:
                task.get(timeout=120)
            return {"tasks_per_s": round(options.briefs / (time.monotonic() - began), 1),
                    "processor_ms_a_task": round(1e3 * (processor_s(worker.pid) - before) / options.briefs, 1)}
        finally:
            worker.terminate()
            worker.wait(60)
            broker.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--briefs", type=int, default=300)
    options = parser.parse_args()
    figures = {("in process" if n == 0 else f"{n} worker processes"): measure(n, options) for n in (0, 1, 2, 4)}
    figures["plain Celery, asleep"] = floor(1 / figures["in process"]["briefs_per_s"], options)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
