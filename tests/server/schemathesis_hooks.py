"""What Schemathesis cannot guess of the API: how a SMILES looks, and which words smell.

    odordiff serve --port 8000 --jobs-db /tmp/schemathesis.db &
    python3 -m venv build/schemathesis && build/schemathesis/bin/pip install schemathesis
    SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH=tests/server build/schemathesis/bin/schemathesis run \
        http://127.0.0.1:8000/openapi.json --checks all --max-examples 200 --seed 1 \
        --exclude-path /ws/generate/batch --exclude-checks use_after_free

It speaks no WebSocket; and DELETE ends a job, which can be asked about all the same.
"""
import schemathesis
from hypothesis import strategies

SMILES = ["CCO", "CC(=O)OCCC(C)C", "COc1cc(C=O)ccc1O", "CC(C)=CCCC(C)(O)C=C", "Cc1cnc(C)cn1", "CSCCC=O"]
schemathesis.openapi.format("smiles", strategies.sampled_from(SMILES))
schemathesis.openapi.format("odor-words", strategies.sampled_from(["citrus", "rose, tea", "creamy sandalwood"]))
