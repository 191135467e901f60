"""R06: parsers neither crash nor hang. Each target runs in a process of its own, from a corpus of good documents."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wire import make_vectors, samples
from wire import documents, opamp, segment

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("dsse", "documents", "segment", "content", "opamp")
# Shared by all targets.
SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))


def corpus(folder: Path, target: str) -> None:
    """Good input for the target, so that mutations start close to what is accepted."""
    vectors = json.loads((make_vectors.FOLDER / "segment.json").read_text())
    report = opamp.report(documents.sign(samples.REPORT, [samples.DEVICE]))
    agent = opamp.AgentToServer(instance_uid=bytes(16), sequence_num=1, custom_message=report)
    server = opamp.ServerToAgent(instance_uid=bytes(16), remote_config=opamp.remote_config(make_vectors.FILES))
    content = json.loads((make_vectors.FOLDER / "content.json").read_text())
    good = {
        "dsse": [b"\x01" + documents.sign(*pair) for pair in samples.SIGNED.values()],
        "documents": [b"\x00\x00" * 8, b"\x01\x01{}"],
        "segment": [
            bytes.fromhex(vectors["upload"]),
            segment.header_bytes(samples.HEADER),
            bytes.fromhex(vectors["body"]),
            bytes.fromhex(content["packed"]),
        ],
        "content": [bytes(8), bytes(range(200))],
        "opamp": [agent.SerializeToString(), opamp.to_frame(agent), server.SerializeToString(), opamp.to_frame(server)],
    }
    for number, data in enumerate(good[target]):
        (folder / f"seed-{number}").write_bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_R06_parser_survives(target: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.fail("atheris is not installed: there is no wheel for this platform or Python; fuzz on Linux with glibc")
    seeds = tmp_path / "corpus"
    seeds.mkdir()
    corpus(seeds, target)
    options = [
        f"-max_total_time={max(1, round(SECONDS / len(TARGETS)))}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-max_len=4096",
        f"-artifact_prefix={tmp_path}/",
    ]
    command = [sys.executable, "-m", "tests.fuzz.targets", target, *options, str(seeds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS + 60, check=False)
    found = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    assert (done.returncode, found) == (0, []), done.stderr[-4000:]
    runs = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    assert runs is not None
    assert int(runs[1]) > len(TARGETS)
