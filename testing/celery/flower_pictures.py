#!/usr/bin/env python3
"""The pictures of Flower in docs/fleet, taken anew by Debian's Chromium.

    build/release/tests/python/venv/bin/python testing/celery/flower_pictures.py
"""

import os
import pathlib
import subprocess
import tempfile

from fleet import Flower, Redis, Worker, plain_app, until

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs/fleet"
BRIEFS = ["rose and a little honey", "fresh-cut grass", "warm vanilla", "sea breeze"]


def take(url, name):
    """The page once it has drawn itself."""
    subprocess.run([os.environ.get("CHROMIUM", "chromium"), "--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                    "--hide-scrollbars", "--lang=en-GB", "--window-size=1360,680", "--virtual-time-budget=8000",
                    f"--screenshot={FOLDER / name}", url], stderr=subprocess.DEVNULL, timeout=60, check=True)


def main():
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        broker = Redis(folder)
        workers = [Worker(folder, broker.url, "-n", f"{name}@example", "-Q", queues)
                   for name, queues in (("general", "generation,optimization"), ("batch", "batch"))]
        flower = Flower(broker.url)
        try:
            until(lambda: len(flower.workers()) == len(workers), 60)
            sender = plain_app(broker.url, broker.url)
            sent = [sender.send_task("odordiff.generate", kwargs={"brief": brief, "count": 3}, queue="generation") for brief in BRIEFS]
            sent.append(sender.send_task("odordiff.generate", kwargs={"brief": "rose", "count": 0}, queue="generation"))
            sent.append(sender.send_task("odordiff.generate_batch", [BRIEFS], {"count": 2, "chunk_size": 2}, queue="batch"))
            for task in sent:
                task.get(timeout=60, propagate=False)
            until(lambda: len(flower.ask("/api/tasks")) == len(sent) + 2, 60)  # and the batch's two chunks
            take(f"{flower.url}/workers", "flower-workers.png")
            take(f"{flower.url}/tasks", "flower-tasks.png")
        finally:
            flower.stop()
            for worker in workers:
                worker.kill()
            broker.kill()


if __name__ == "__main__":
    main()
