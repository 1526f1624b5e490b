#!/usr/bin/env python3
"""How a fleet of 50 workers would stand 5,000 requests a second: a simulation of its queue.

    bench/fleet_simulation.py --workers 50 --rate 5000 --hits 0.786 --task-ms 47.7

Requests come at random (Poisson). The share `--hits` is answered from the caches; each other one waits for the first free
of the workers, in order of coming, and takes the time of a task: gamma-distributed about its mean, with the given
coefficient of variation. The figures that it is to be fed with are measured: hits by bench/fleet_cache.py, times by
bench/celery_chaos.py (docs/benchmarks.md). It knows nothing of networks, of single-flight beyond what the hit ratio
holds, or of machines that differ. Beside it stands what theory says of the same queue (M/M/c, Erlang's C formula; A. K.
Erlang, 1917), which a coefficient of variation of 1 must meet. Prints one JSON object.
"""

import argparse
import heapq
import json
import math
import random


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def simulate(workers, rate, hits, task_s, variation, seconds, seed):
    """Waits and whole times of the requests that no cache answers, in seconds, and how busy the workers were."""
    chance = random.Random(seed)
    shape = 1 / variation**2
    free = [0.0] * workers
    heapq.heapify(free)
    now, waits, times, busy = 0.0, [], [], 0.0
    arrivals = rate * (1 - hits)
    while now < seconds:
        now += chance.expovariate(arrivals)
        begin = max(now, heapq.heappop(free))
        took = chance.gammavariate(shape, task_s / shape)
        heapq.heappush(free, begin + took)
        busy += took
        waits.append(begin - now)
        times.append(begin + took - now)
    return sorted(waits), sorted(times), busy / (workers * max(seconds, max(free)))


def erlang_c(workers, load):
    """Probability that a task has to wait; `load` in workers. 1 where the queue grows without end."""
    if load >= workers:
        return 1.0
    term, total = 1.0, 1.0
    for k in range(1, workers):
        term *= load / k
        total += term
    last = term * load / workers * workers / (workers - load)
    return last / (total + last)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=50)
    parser.add_argument("--rate", type=float, default=5000, help="requests a second")
    parser.add_argument("--hits", type=float, default=0.786, help="share that the caches answer")
    parser.add_argument("--task-ms", type=float, default=47.7, help="of a worker's time, a task")
    parser.add_argument("--variation", type=float, default=0.5, help="coefficient of variation of that")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    task_s = options.task_ms / 1000
    load = options.rate * (1 - options.hits) * task_s
    waits, times, busy = simulate(options.workers, options.rate, options.hits, task_s, options.variation, options.seconds, options.seed)
    print(json.dumps({
        "tasks_per_s": round(options.rate * (1 - options.hits), 1), "offered_load_workers": round(load, 2), "busy": round(busy, 3),
        "stable": load < options.workers,
        "task_wait_ms": {f"p{round(100 * p)}": round(1e3 * percentile(waits, p), 1) for p in (0.5, 0.95, 0.99)},
        "task_time_ms": {f"p{round(100 * p)}": round(1e3 * percentile(times, p), 1) for p in (0.5, 0.95, 0.99)},
        "erlang_c_waits": round(erlang_c(options.workers, load), 3), "simulated_waits": round(sum(w > 0 for w in waits) / len(waits), 3),
        "workers_for_80_percent": math.ceil(load / 0.8)}))


if __name__ == "__main__":
    main()
