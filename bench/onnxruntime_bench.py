#!/usr/bin/env python3
"""The generator's network beside ONNX Runtime: the same weights, the same work, in turn. Prints Markdown.

    python3 -m venv build/onnx && build/onnx/bin/pip install onnx onnxruntime
    build/onnx/bin/python bench/onnxruntime_bench.py [--rounds N] [--threads 1 2]

The graph is built here from the model folder and does what our engine does: keys and values of finished blocks are kept, a
pass computes the open block and takes in the finished one before it. Its logits are checked against ours in every pass of
a request. Ours (build/bench/bench/network_bench) is timed with all that serving takes: sampling, grammar, scheduler; ONNX
Runtime with the network's passes alone. One thread is timed by processor time, more by the clock on the wall.
"""

import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEP_BEFORE, STEP_LENGTH = 16, 32  # as in network_work.h
HIDDEN = np.float32(-1e9)


def read_safetensors(path):
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    return {
        name: np.frombuffer(raw, np.float32, offset=8 + size + entry["data_offsets"][0],
                            count=int(np.prod(entry["shape"]))).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


class Graph:
    """Nodes and weights of an ONNX graph in the making; each method returns the name of its result."""

    def __init__(self):
        self.nodes, self.weights, self.names = [], {}, 0

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [f"{kind}_{self.names + i}" for i in range(outputs)]
        self.names += outputs
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def weight(self, name, value):
        self.weights.setdefault(name, np.ascontiguousarray(value))
        return name

    def ints(self, *values):
        return self.weight("ints_" + "_".join(map(str, values)), np.array(values, np.int64))

    def linear(self, w, name, x):
        product = self.op("MatMul", x, self.weight(name + ".weight", w[name + ".weight"].T))
        return self.op("Add", product, self.weight(name + ".bias", w[name + ".bias"]))

    def model(self, inputs, outputs):
        graph = helper.make_graph(
            self.nodes, "odordiff",
            [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
            [numpy_helper.from_array(value, name) for name, value in self.weights.items()])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
        model.ir_version = 9
        onnx.checker.check_model(model)
        return model


def condition_model(w, layers):
    """c [lanes, inputs] to the modulation of each layer [lanes, 1, 6 width] and the final one."""
    g = Graph()
    x = g.linear(w, "condition.fc1", "c")
    x = g.op("Mul", x, g.op("Sigmoid", x))
    x = g.linear(w, "condition.fc2", x)
    x = g.op("Mul", x, g.op("Sigmoid", x))
    outputs = []
    for name in [f"layers.{n}.modulation" for n in range(layers)] + ["final.modulation"]:
        outputs.append((g.op("Unsqueeze", g.linear(w, name, x), g.ints(1)), ["lanes", 1, len(w[name + ".bias"])]))
    return g.model([("c", TensorProto.FLOAT, ["lanes", w["condition.fc1.weight"].shape[1]])], outputs)


def pass_model(w, d, with_finished):
    """One pass. tokens and remaining [lanes, rows], position [rows], mask [lanes, 1, rows, keys], the modulations, and past
    keys and values [lanes, heads, past, head width] of each layer; logits of the open block and, when a finished block comes
    first, the past with it."""
    width, heads, block, layers = d["width"], d["heads"], d["block"], d["layers"]
    head_width = width // heads
    g = Graph()
    ones = g.weight("ones", np.ones(width, np.float32))
    one = g.weight("one", np.array(1, np.float32))
    rows = 2 * block if with_finished else block

    def modulated(x, shift, scale):
        return g.op("Add", g.op("Mul", g.op("LayerNormalization", x, ones, axis=-1, epsilon=1e-5), g.op("Add", scale, one)),
                    shift)

    def by_head(x):
        return g.op("Transpose", g.op("Reshape", x, g.ints(0, rows, heads, head_width)), perm=[0, 2, 1, 3])

    places = g.op("Add", g.op("Gather", g.weight("position_embedding", w["position_embedding"]), "position"),
                  g.op("Gather", g.weight("remaining_embedding", w["remaining_embedding"]), "remaining"))
    x = g.op("Add", g.op("Gather", g.weight("token_embedding", w["token_embedding"]), "tokens"), places)
    root = g.weight("root", np.array(1 / np.sqrt(head_width), np.float32))
    inputs = [("tokens", TensorProto.INT64, ["lanes", rows]), ("remaining", TensorProto.INT64, ["lanes", rows]),
              ("position", TensorProto.INT64, [rows]), ("mask", TensorProto.FLOAT, ["lanes", 1, rows, "keys"])]
    outputs = []
    for n in range(layers):
        at = f"layers.{n}."
        inputs.append((f"modulation{n}", TensorProto.FLOAT, ["lanes", 1, 6 * width]))
        m = g.op("Split", f"modulation{n}", axis=2, num_outputs=6, outputs=6)
        q, k, v = map(by_head, g.op("Split", g.linear(w, at + "qkv", modulated(x, m[0], m[1])), axis=2, num_outputs=3,
                                    outputs=3))
        for name in (f"k{n}", f"v{n}"):
            inputs.append((name, TensorProto.FLOAT, ["lanes", heads, "past", head_width]))
        if with_finished:
            finished_k, open_k = g.op("Split", k, axis=2, num_outputs=2, outputs=2)
            finished_v, open_v = g.op("Split", v, axis=2, num_outputs=2, outputs=2)
            kept_k = g.op("Concat", f"k{n}", finished_k, axis=2)
            kept_v = g.op("Concat", f"v{n}", finished_v, axis=2)
            outputs += [(name, ["lanes", heads, "kept", head_width]) for name in (kept_k, kept_v)]
            k, v = g.op("Concat", kept_k, open_k, axis=2), g.op("Concat", kept_v, open_v, axis=2)
        else:
            k, v = g.op("Concat", f"k{n}", k, axis=2), g.op("Concat", f"v{n}", v, axis=2)
        scores = g.op("MatMul", g.op("Mul", q, root), g.op("Transpose", k, perm=[0, 1, 3, 2]))
        mixed = g.op("MatMul", g.op("Softmax", g.op("Add", scores, "mask"), axis=-1), v)
        mixed = g.op("Reshape", g.op("Transpose", mixed, perm=[0, 2, 1, 3]), g.ints(0, rows, width))
        x = g.op("Add", x, g.op("Mul", g.linear(w, at + "out", mixed), m[2]))
        hidden = g.op("Gelu", g.linear(w, at + "fc1", modulated(x, m[3], m[4])), approximate="tanh")
        x = g.op("Add", x, g.op("Mul", g.linear(w, at + "fc2", hidden), m[5]))
    inputs.append(("final", TensorProto.FLOAT, ["lanes", 1, 2 * width]))
    if with_finished:
        x = g.op("Slice", x, g.ints(block), g.ints(rows), g.ints(1))
    shift, scale = g.op("Split", "final", axis=2, num_outputs=2, outputs=2)
    logits = g.linear(w, "head", modulated(x, shift, scale))
    return g.model(inputs, [(logits, ["lanes", block, len(w["head.bias"])])] + outputs)


class Runtime:
    """The network in ONNX Runtime at one precision and number of threads."""

    def __init__(self, folder, config, precision, threads, scratch):
        self.d = config["diffusion"]
        w = read_safetensors(folder / "diffusion.safetensors")
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.sessions = {}
        self.bytes = 0
        models = {"condition": condition_model(w, self.d["layers"]), False: pass_model(w, self.d, False),
                  True: pass_model(w, self.d, True)}
        for name, model in models.items():
            path = f"{scratch}/{name}-{precision}.onnx"
            onnx.save(model, path)
            if precision == "int8":
                quantised = path.replace(".onnx", ".q.onnx")
                quantize_dynamic(path, quantised, per_channel=True, weight_type=QuantType.QInt8)
                path = quantised
            if name != "condition":
                self.bytes = pathlib.Path(path).stat().st_size
            self.sessions[name] = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def modulations(self, conditions):
        made = self.sessions["condition"].run(None, {"c": np.asarray(conditions, np.float32)})
        return {f"modulation{n}": m for n, m in enumerate(made[:-1])} | {"final": made[-1]}

    def no_past(self, lanes):
        empty = np.zeros((lanes, self.d["heads"], 0, self.d["width"] // self.d["heads"]), np.float32)
        return {name: empty for n in range(self.d["layers"]) for name in (f"k{n}", f"v{n}")}

    def run(self, tokens, lengths, block_start, with_finished, modulations, past):
        """tokens [lanes, rows]: the block at `block_start`, after the one before it `with_finished`. Returns logits and the
        past, longer by that block."""
        block = self.d["block"]
        first = block_start - block if with_finished else block_start
        position = np.arange(first, first + tokens.shape[1])
        keys = np.arange(block_start + block)
        # A finished token sees its own block and those before; nobody sees past a sequence's end.
        hidden = keys[None, :] >= (position // block * block + block)[:, None]
        hidden = hidden[None] | (keys[None, None, :] >= lengths[:, None, None])
        feed = {"tokens": tokens, "position": position, "remaining": np.maximum(lengths[:, None] - position[None, :], 0),
                "mask": np.where(hidden, HIDDEN, np.float32(0))[:, None]}
        out = self.sessions[with_finished].run(None, feed | modulations | past)
        if with_finished:
            names = [name for n in range(self.d["layers"]) for name in (f"k{n}", f"v{n}")]
            past = dict(zip(names, out[1:]))
        return out[0], past

    def generate(self, work, keep=False):
        """The request's network passes; yields every pass's logits when they are to be kept."""
        block = self.d["block"]
        lengths = np.repeat([len(s) for s in work["sequences"]], 2)
        tokens = np.zeros((len(lengths), -(-max(lengths) // block) * block), np.int64)
        modulations = self.modulations([work["condition"], work["unconditional"]] * len(work["sequences"]))
        past, lanes, kept = self.no_past(len(lengths)), len(lengths), []
        for p in work["passes"]:
            if 2 * p["sequences"] != lanes:
                lanes = 2 * p["sequences"]
                past = {name: value[:lanes] for name, value in past.items()}
                modulations = {name: value[:lanes] for name, value in modulations.items()}
            end = p["block_start"] + block
            first = end - block * (2 if p["with_finished"] else 1)
            logits, past = self.run(tokens[:lanes, first:end], lengths[:lanes], p["block_start"], p["with_finished"],
                                    modulations, past)
            if keep:
                kept.append(logits)
            for k in range(p["sequences"]):
                tokens[2 * k : 2 * k + 2, p["position"]] = work["sequences"][k][p["position"]]
        return kept

    def stepper(self, work, sequences, with_finished):
        block = self.d["block"]
        lanes, rows = 2 * sequences, block * (2 if with_finished else 1)
        modulations = self.modulations([work["condition"], work["unconditional"]] * sequences)
        before = STEP_BEFORE - block if with_finished else STEP_BEFORE
        past = {name: np.zeros((lanes, self.d["heads"], before, self.d["width"] // self.d["heads"]), np.float32)
                for name in self.no_past(1)}
        tokens, lengths = np.full((lanes, rows), 2), np.full(lanes, STEP_LENGTH)
        return lambda: self.run(tokens, lengths, STEP_BEFORE, with_finished, modulations, past)


def check(runtime, work, file, vocab):
    """The greatest difference between our logits and the runtime's, over all tokens of all passes."""
    ours, at, largest = np.fromfile(file, np.float32), 0, 0
    block = runtime.d["block"]
    for p, theirs in zip(work["passes"], runtime.generate(work, keep=True)):
        size = 2 * p["sequences"] * block * vocab
        mine = ours[at : at + size].reshape(theirs.shape)
        at += size
        for k in range(p["sequences"]):
            n = min(block, len(work["sequences"][k]) - p["block_start"])
            largest = max(largest, np.abs(mine[2 * k : 2 * k + 2, :n] - theirs[2 * k : 2 * k + 2, :n]).max())
    return largest


def seconds(run, rounds, repeats, threads):
    clock = time.process_time if threads == 1 else time.perf_counter
    run()
    times = []
    for _ in range(rounds):
        began = clock()
        for _ in range(repeats):
            run()
        times.append((clock() - began) / repeats)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/odordiff2")
    parser.add_argument("--ours", default=str(ROOT / "build/bench/bench/network_bench"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--precisions", nargs="+", default=["fp32", "int8"])
    options = parser.parse_args()
    config = json.loads((options.model / "config.json").read_text())
    print(f"ONNX Runtime {ort.__version__}\n")
    with tempfile.TemporaryDirectory() as scratch:
        works = {}
        for count in options.counts:
            file = f"{scratch}/work{count}"
            subprocess.run([options.ours, options.model, "dump", str(count), file], check=True)
            works[count] = json.loads(pathlib.Path(file + ".json").read_text())
        for precision in options.precisions:
            for threads in options.threads:
                runtime = Runtime(options.model, config, precision, threads, scratch)
                if precision == "fp32":
                    for count in options.counts:
                        difference = check(runtime, works[count], f"{scratch}/work{count}.f32", len(config["vocabulary"]))
                        if not difference < 1e-4:
                            sys.exit(f"logits differ by {difference}")
                print(f"## {precision}, {threads} thread{'s (wall time)' if threads > 1 else ' (processor time)'}\n")
                print("| sequences | request: ours ms | ONNX Runtime ms | ratio | pass of 4 rows: ours | theirs | ratio "
                      "| of 8: ours | theirs | ratio |\n" + "|---" * 10 + "|")
                for count in options.counts:
                    row = [str(count)]
                    mine = {"generate": [], "step": [], "step_with_finished": []}
                    theirs = {"generate": [], "step": [], "step_with_finished": []}
                    repeats = max(1, 32 // count)
                    steps = {name: runtime.stepper(works[count], count, name == "step_with_finished")
                             for name in ("step", "step_with_finished")}
                    for _ in range(options.rounds):
                        line = subprocess.run([options.ours, options.model, "time", precision, str(threads), "3", str(count)],
                                              check=True, capture_output=True, text=True).stdout
                        for name, value in json.loads(line).items():
                            if name in mine:
                                mine[name].append(value)
                        theirs["generate"].append(np.median(seconds(lambda: runtime.generate(works[count]), 3, 1, threads)))
                        for name, step in steps.items():
                            theirs[name].append(np.median(seconds(step, 3, repeats, threads)))
                    for name in mine:
                        a, b = np.median(mine[name]) * 1e3, np.median(theirs[name]) * 1e3
                        row += [f"{a:.2f}", f"{b:.2f}", f"{b / a:.2f}"]
                    print("| " + " | ".join(row) + " |", flush=True)
                weight_bytes = json.loads(line)["weight_bytes"]
                print(f"\nweights: ours {weight_bytes / 1e6:.2f} MB; ONNX model file {runtime.bytes / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
