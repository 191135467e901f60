"""Break each property on purpose and see that its tests notice: `python -m tests.sabotage.run [id or file name …]`.

All named tests first run on an unbroken copy of the tree, where they must pass. Then each sabotage gets a copy of its
own, in which every test that it names must fail. Exit code 1 if any test stays green or any sabotage does not fit.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.sabotage.framework import ROOT, Edit, Sabotage, edit, load

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", ".*_cache", ".hypothesis", "node_modules")
SLOWEST_S = 900
TEST_LIMIT_S = 120
RED, GREEN = "red", "passed"
Outcomes = dict[str, str]


@contextmanager
def copy_of(root: Path) -> Iterator[Path]:
    """A copy of the tree that may be broken, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(root, tree, ignore=NOT_COPIED, symlinks=True)
        yield tree


def run_tests(tree: Path, nodes: Iterable[str], name: str = "") -> tuple[Outcomes, str]:
    """How each test ended (node id → outcome) in `tree` under the sabotage `name`, and what pytest printed."""
    told = tree.parent / "outcomes.json"
    environment = os.environ | {"SABOTAGE_NAME": name, "SABOTAGE_OUTCOMES": str(told)}
    options = [
        "-q",
        "-p",
        "tests.sabotage.plugin",
        "-p",
        "no:cacheprovider",
        "--hypothesis-seed=1",
        f"--timeout={TEST_LIMIT_S}",
    ]
    command = [sys.executable, "-m", "pytest", *options, *nodes]
    process = subprocess.Popen(
        command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        printed, _ = process.communicate(timeout=SLOWEST_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        printed, _ = process.communicate()
    return (json.loads(told.read_text()) if told.exists() else {}), printed


def of_node(node: str, outcomes: Outcomes) -> set[str]:
    """How the test `node` ended, in each of its parameters."""
    return {end for test, end in outcomes.items() if test == node or test.startswith((f"{node}[", f"{node}::"))}


def verdict(sabotage: Sabotage, outcomes: Outcomes) -> str:
    """`red`, or why the tests cannot be said to have noticed."""
    for node in sabotage.red:
        ends = of_node(node, outcomes)
        if not ends:
            return f"did not run: {node}"
        if "failed" not in ends:
            return f"{', '.join(sorted(ends))}: {node}"
    return RED


def judge(name: str, sabotage: Sabotage, root: Path = ROOT) -> tuple[str, str]:
    """The verdict on one sabotage in its own copy of the tree, and what pytest printed."""
    with copy_of(root) as tree:
        try:
            for change in sabotage.changes:
                if isinstance(change, Edit):
                    edit(change, tree)
        except (OSError, ValueError) as error:
            return f"does not fit: {error}", ""
        outcomes, printed = run_tests(tree, sabotage.red, name)
        return verdict(sabotage, outcomes), printed


def not_green(sabotages: Iterable[Sabotage], root: Path = ROOT) -> tuple[list[str], str]:
    """The named tests that do not pass in an unbroken copy, and what pytest printed."""
    nodes = sorted({node for sabotage in sabotages for node in sabotage.red})
    with copy_of(root) as tree:
        outcomes, printed = run_tests(tree, nodes)
    return [node for node in nodes if of_node(node, outcomes) != {GREEN}], printed


def main() -> int:
    """Run, print a table, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.sabotage.run", description=__doc__.partition("\n")[0])
    parser.add_argument("wanted", nargs="*", metavar="id", help="requirement ids or file names; all without any")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="copies at work at once")
    options = parser.parse_args()
    sabotages = load(options.wanted)
    failing, printed = not_green(sabotages.values())
    if failing:
        sys.stdout.write(f"{printed}\nNot green without any sabotage:\n  " + "\n  ".join(failing) + "\n")
        return 1
    width = max(map(len, sabotages), default=0)
    unnoticed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for name, (word, shown) in zip(sabotages, pool.map(judge, sabotages, sabotages.values()), strict=True):
            sys.stdout.write(f"{name:{width}}  {word:8}  {sabotages[name].breaks}\n")
            sys.stdout.flush()
            if word != RED:
                unnoticed += 1
                sys.stdout.write(shown)
    sys.stdout.write(f"{len(sabotages)} sabotages, {unnoticed} unnoticed\n")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
