"""The commands of `python -m collector`."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Any

from collector import control, enrolment, identity, pauses, redaction, status, store
from collector.agent import Options
from collector.clock import SystemClock
from collector.probes.chosen import probes_of_this_machine
from collector.probes.scripted import ScriptedProbe
from collector.runtime import Collector, Probe
from collector.sensitivity import CLASSES
from collector.spool import FOLDER, Spool
from collector.state import StateDir, StateError, default_directory
from wire.segment import LONGEST_MS

OK, FAILED, REMOVED = 0, 1, 3


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("aiohttp").setLevel(logging.WARNING)
    try:
        return int(options.command(options, StateDir(options.state)))
    except StateError as error:
        sys.stderr.write(f"Daylight collector: {error}." + "\n")
        return FAILED
    except KeyboardInterrupt:
        return OK


def _enrol(options: argparse.Namespace, state: StateDir) -> int:
    with state.lock():
        work = enrolment.enrol(state, SystemClock(), options.server, options.trust, options.code, options.name)
        enrolled = asyncio.run(work)
    _say(f"This device is now {enrolled.name}. Start recording with: python -m collector run --state {state.path}")
    return OK


def _run(options: argparse.Namespace, state: StateDir) -> int:
    probes: list[Probe] = []
    if options.scripted is not None:
        probes.append(ScriptedProbe(options.scripted, options.pace))
    elif not options.no_probes:
        probes.extend(probes_of_this_machine())
    work = Collector(state, probes, Options(segment_ms=options.segment_seconds * 1000), http_only=options.http)
    asyncio.run(_until_signal(work))
    if work.agent.removed.is_set():
        sys.stderr.write("This device was removed in the portal; nothing is recorded or kept any more." + "\n")
        return REMOVED
    return OK


async def _until_signal(work: Collector) -> None:
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, work.stop)
    await work.run()


def _status(options: argparse.Namespace, state: StateDir) -> int:
    who, running = identity.load(state), _is_running(state)
    known: dict[str, Any] | None = state.read_json(store.STATUS) if running else None
    if options.json:
        _say(json.dumps({"device": str(who.device), "name": who.name, "running": running} | (known or {}), indent=1))
    else:
        _say("\n".join(status.lines(who, running, known)))
    return OK


def _pause(options: argparse.Namespace, state: StateDir) -> int:
    clock = SystemClock()
    try:
        new = pauses.begin(clock, options.minutes, store.known_time(state, clock))
    except ValueError as error:
        raise StateError(str(error)) from error
    store.save_pause(state, pauses.longer(store.load_pause(state, clock), new))
    _say("Paused on this device" + (f" for {options.minutes} minutes." if options.minutes else " until you resume."))
    return OK


def _resume(_options: argparse.Namespace, state: StateDir) -> int:
    store.save_pause(state, None)
    _say("This device's own pause is over. A pause from the portal goes on until you end it there.")
    return OK


def _prompt(options: argparse.Namespace, state: StateDir) -> int:
    value = _prompt_value(options)
    try:
        answer = control.hand_in(state.path, value)
    except (OSError, ValueError) as error:
        raise StateError("the collector is not running, so nothing was recorded") from error
    if "error" in answer:
        raise StateError(f"not a prompt: {answer['error']}")
    _say("recorded" if answer.get("recorded") else "not recorded")
    return OK


def _prompt_value(options: argparse.Namespace) -> Any:
    if options.prompt is None:
        try:
            return json.loads(sys.stdin.read())
        except ValueError as error:
            raise StateError("standard input is not JSON") from error
    turns = [{"role": "user", "text": options.prompt}]
    if options.answer is not None:
        turns.append({"role": "assistant", "text": options.answer})
    return {"context": options.context, "turns": turns}


def _redact(options: argparse.Namespace, _state: StateDir) -> int:
    text = sys.stdin.read() if options.text is None else options.text
    marked, found = redaction.redact_text(text, frozenset(options.also))
    _say(marked)
    for name in sorted(found):
        _say(f"{name}: {CLASSES[name].category}, sensitivity {CLASSES[name].level}")
    return OK


def _exclude(options: argparse.Namespace, state: StateDir) -> int:
    entries = store.exclusions(state)
    if options.action != "list" and not options.entry:
        raise StateError("name a program or a host name")
    changed = {entry.strip().lower() for entry in options.entry if entry.strip()}
    if options.action == "add":
        store.save_exclusions(state, entries | changed)
    elif options.action == "remove":
        store.save_exclusions(state, entries - changed)
    _say("\n".join(sorted(store.exclusions(state))) or "Nothing is excluded beyond what is always excluded.")
    return OK


def _forget(options: argparse.Namespace, state: StateDir) -> int:
    if _is_running(state):
        if options.device:
            raise StateError("stop the collector first")
        state.write(store.FORGET, b"")
        _say("The running collector destroys what it has not sent yet.")
        return OK
    with state.lock():
        count = Spool(state).wipe() if (state.path / FOLDER).exists() else 0
        if options.device:
            identity.forget(state)
            store.forget_documents(state)
    _say(f"Destroyed {count} segments that had not been sent." + (" This device is forgotten." * options.device))
    return OK


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _is_running(state: StateDir) -> bool:
    try:
        state.lock().close()
    except StateError:
        return True
    return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m collector", description="Daylight's collector on this device.")
    parser.add_argument("--state", type=Path, default=default_directory(), help="state directory")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--state", type=Path, default=argparse.SUPPRESS, help="state directory")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Any, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, parents=[shared])
        sub.set_defaults(command=command)
        return sub

    enrol = add("enrol", _enrol, "Add this device with the one-time code from your portal.")
    for flag, text in (("--server", "address"), ("--trust", "fingerprint"), ("--code", "one-time code")):
        enrol.add_argument(flag, required=True, help=text)
    enrol.add_argument("--name", help="what the device is called in the portal")
    _add_run(add("run", _run, "Record what your policy allows, until stopped."))
    add("status", _status, "Say what is recorded now.").add_argument("--json", action="store_true")
    pause = add("pause", _pause, "Stop recording on this device; works without the server.")
    pause.add_argument("--minutes", type=int, help="for how long; without it until `resume`")
    add("resume", _resume, "End this device's own pause.")
    prompt = add("prompt", _prompt, "Hand in a question to an AI tool and its answer (or JSON on standard input).")
    prompt.add_argument("--context", default="chat")
    prompt.add_argument("--prompt")
    prompt.add_argument("--answer")
    redact = add("redact", _redact, "Show what would be left of a text (of standard input, if none is given).")
    redact.add_argument("text", nargs="?")
    redact.add_argument("--also", action="append", default=[], choices=sorted(CLASSES), help="as a policy may add")
    exclude = add("exclude", _exclude, "Programs and sites that are never recorded on this device.")
    exclude.add_argument("action", choices=("add", "remove", "list"))
    exclude.add_argument("entry", nargs="*")
    forget = add("forget", _forget, "Destroy what was recorded but not sent yet.")
    forget.add_argument("--device", action="store_true", help="and this device's key: it must be added anew")
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("--http", action="store_true", help="plain HTTP polling instead of a WebSocket")
    run.add_argument("--scripted", type=int, metavar="SEED", help="demo work instead of the real desktop")
    run.add_argument("--pace", type=float, default=1.0, help="how fast the demo work goes")
    run.add_argument("--no-probes", action="store_true", help="prompts only: no desktop")
    longest = LONGEST_MS // 1000
    run.add_argument("--segment-seconds", type=int, default=longest, choices=range(1, longest + 1), metavar="1..60")
