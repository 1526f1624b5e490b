"""What Schemathesis cannot guess of the API: how a SMILES looks, which words smell, and what costs time.

    TCMALLOC_SAMPLE_PARAMETER=524288 odordiff serve --port 8000 --jobs-db /tmp/schemathesis.db --enable-profiling \
        --job-threads 1 --max-wait 30 &
    python3 -m venv build/schemathesis && build/schemathesis/bin/pip install schemathesis==4.32.5 msgpack
    PYTHONPATH=tests/server build/schemathesis/bin/schemathesis --config-file tests/server/schemathesis.toml run \
        http://127.0.0.1:8000/openapi.json --checks all
"""
import msgpack
import schemathesis
from hypothesis import strategies

SMILES = ["CCO", "CC(=O)OCCC(C)C", "COc1cc(C=O)ccc1O", "CC(C)=CCCC(C)(O)C=C", "Cc1cnc(C)cn1", "CSCCC=O"]
schemathesis.openapi.format("smiles", strategies.sampled_from(SMILES))
LIMITS = {"molecular_weight": (30, 1000), "logp": (-20, 30), "tpsa": (0, 1000), "sa_score": (1, 10), "similarity": (0, 1)}
for name, (low, high) in LIMITS.items():
    ends = strategies.tuples(strategies.floats(low, high), strategies.floats(low, high)).map(sorted)
    schemathesis.openapi.format(f"{name}-range", ends.map(lambda pair: f"{pair[0]}:{pair[1]}"))
schemathesis.openapi.format("molecule-members", strategies.sampled_from(["smiles", "smiles,score", "odor"]))
schemathesis.openapi.format("odor-words", strategies.sampled_from(["sweet", "rose, tea", "citrus"]))


@schemathesis.deserializer("application/msgpack")
def read_message_pack(context, response):
    return msgpack.unpackb(response.content)

# What a request costs grows with these: the most that each may be, and what stands for all that is valid.
COSTS = {"count": (100, 3), "num_molecules": (100, 3), "per_note": (20, 1), "effort": (50, 1), "seconds": (60, 1)}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Valid numbers become small; only the most molecules that are allowed stay, where one brief asks for them."""
    for members in (case.body, case.query):
        if not isinstance(members, dict):
            continue
        many = "prompts" in members or "briefs" in members
        for name, (most, small) in COSTS.items():
            value = members.get(name)
            if members is case.query and isinstance(value, str) and value.isdecimal():
                value = int(value)
            if type(value) in (int, float) and small < value <= most and (many or value != 100):
                members[name] = small
        if case.operation.path == "/v1/design":
            members.setdefault("per_note", COSTS["per_note"][1])
