"""What Schemathesis cannot guess of the API: how a SMILES looks, and which words smell.

    odordiff serve --port 8000 --jobs-db /tmp/schemathesis.db &
    python3 -m venv build/schemathesis && build/schemathesis/bin/pip install schemathesis==4.32.5 msgpack
    PYTHONPATH=tests/server build/schemathesis/bin/schemathesis --config-file tests/server/schemathesis.toml run \
        http://127.0.0.1:8000/openapi.json --checks all --max-examples 50 --seed 1 --exclude-path /ws/generate/batch \
        --exclude-checks use_after_free

It speaks no WebSocket; and DELETE ends a job, which can be asked about all the same.
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
schemathesis.openapi.format("odor-words", strategies.sampled_from(["citrus", "rose, tea", "creamy sandalwood"]))


@schemathesis.deserializer("application/msgpack")
def read_message_pack(context, response):
    return msgpack.unpackb(response.content)
