"""R06: parsers neither crash nor hang. Each target runs in a process of its own, from a corpus of good documents.

All begin with the first test, as many at once as there are processors, and each test waits for its own. DSSE and OpAMP,
which read what strangers send, get FUZZ_SECONDS each: a minute in the continuous integration (`.ci/run`), less in
`make test`. The others get a third of it.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.wire import make_vectors, samples
from wire import documents, opamp, segment

ROOT = Path(__file__).resolve().parents[2]
WHOLE = int(os.environ.get("FUZZ_SECONDS", "18"))
SECONDS = {"dsse": WHOLE, "opamp": WHOLE} | dict.fromkeys(("documents", "segment", "content"), max(1, WHOLE // 3))


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


@dataclass(frozen=True)
class Fuzzed:
    """How a target ended, and the inputs it fell over."""

    returncode: int
    said: str
    found: list[bytes]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Fuzzed]]]:
    if importlib.util.find_spec("atheris") is None:
        pytest.fail("atheris is not installed: there is no wheel for this platform or Python; fuzz on Linux with glibc")
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield {target: pool.submit(fuzz, target, tmp_path_factory.mktemp(target)) for target in SECONDS}


def fuzz(target: str, folder: Path) -> Fuzzed:
    """Give the target its seconds."""
    seeds = folder / "corpus"
    seeds.mkdir()
    corpus(seeds, target)
    options = [
        f"-max_total_time={SECONDS[target]}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-max_len=4096",
        f"-artifact_prefix={folder}/",
    ]
    command = [sys.executable, "-m", "tests.fuzz.targets", target, *options, str(seeds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS[target] + 60, check=False)
    found = [path.read_bytes() for path in folder.iterdir() if path.is_file()]
    return Fuzzed(done.returncode, done.stderr, found)


@pytest.mark.slow
@pytest.mark.parametrize("target", SECONDS)
def test_R06_parser_survives(target: str, fuzzed: dict[str, Future[Fuzzed]]) -> None:
    done = fuzzed[target].result()
    assert (done.returncode, done.found) == (0, []), done.said[-4000:]
    runs = re.search(r"^Done (\d+) runs in (\d+) second", done.said, re.MULTILINE)
    assert runs is not None
    assert int(runs[1]) > len(SECONDS)
    assert int(runs[2]) >= SECONDS[target]
