"""The commands of `python -m collector`."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from gettext import gettext, ngettext
from pathlib import Path
from typing import Any

from collector import control, enrolment, identity, language, pauses, redaction, status, store
from collector.agent import Options
from collector.clock import SystemClock
from collector.pauses import LocalPause
from collector.probes.chosen import probes_of_this_machine
from collector.probes.scripted import ScriptedProbe
from collector.runtime import Collector, Probe
from collector.sensitivity import CLASSES
from collector.spool import FOLDER, Spool
from collector.state import StateDir, StateError, default_directory
from wire import exclusions
from wire.places import place_name
from wire.segment import LONGEST_MS

OK, FAILED, REMOVED = 0, 1, 3


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; its exit code."""
    language.speak()
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("aiohttp").setLevel(logging.WARNING)
    try:
        return int(options.command(options, StateDir(options.state)))
    except StateError as error:
        sys.stderr.write(gettext("Daylight collector: %(problem)s") % {"problem": error} + "\n")
        return FAILED
    except KeyboardInterrupt:
        return OK


def _enrol(options: argparse.Namespace, state: StateDir) -> int:
    with state.lock():
        asked = enrolment.Asked(options.server, options.trust, options.code, options.name, options.site)
        enrolled = asyncio.run(enrolment.enrol(state, SystemClock(), asked))
    told = gettext("This device is now %(name)s. Start recording with: %(command)s")
    _say(told % {"name": enrolled.name, "command": f"python -m collector run --state {state.path}"})
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
        told = gettext("This device was removed in the portal; nothing is recorded or kept any more.")
        sys.stderr.write(told + "\n")
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
    identity.files(state)
    clock = SystemClock()
    try:
        new = pauses.begin(clock, options.minutes, store.known_time(state, clock))
    except ValueError as error:
        raise StateError(str(error)) from error
    held = pauses.longer(store.load_pause(state, clock), new)
    store.save_pause(state, held)
    _say(_paused(held, new, options.minutes))
    return OK


def _paused(held: LocalPause, new: LocalPause, minutes: int | None) -> str:
    if minutes is None or held.duration is None:
        return gettext("Paused on this device until you resume.")
    if held is not new:
        return gettext("Already paused on this device for longer than that; the longer pause goes on.")
    told = ngettext(
        "Paused on this device for %(count)d minute.", "Paused on this device for %(count)d minutes.", minutes
    )
    return told % {"count": minutes}


def _resume(_options: argparse.Namespace, state: StateDir) -> int:
    store.save_pause(state, None)
    _say(gettext("This device's own pause is over. A pause from the portal goes on until you end it there."))
    return OK


def _site(options: argparse.Namespace, state: StateDir) -> int:
    if _is_running(state):
        raise StateError(gettext("stop the collector first."))
    with state.lock():
        identity.move(state, options.site)
    told = gettext("This device is at the site %(site)s. It takes no wider policy that is for other sites only.")
    _say(told % {"site": options.site})
    return OK


def _prompt(options: argparse.Namespace, state: StateDir) -> int:
    value = _prompt_value(options)
    try:
        answer = control.hand_in(state.path, value)
    except control.PromptError as error:
        raise StateError(gettext("not a prompt: %(problem)s.") % {"problem": gettext(str(error))}) from error
    except (OSError, ValueError) as error:
        raise StateError(gettext("the collector is not running, so nothing was recorded.")) from error
    if "error" in answer:
        problem = str(answer["error"])
        raise StateError(gettext("not a prompt: %(problem)s.") % {"problem": gettext(problem)})
    _say(gettext("recorded") if answer.get("recorded") else gettext("not recorded"))
    return OK


def _prompt_value(options: argparse.Namespace) -> Any:
    if options.prompt is None:
        try:
            return json.loads(sys.stdin.read())
        except (ValueError, RecursionError) as error:
            raise StateError(gettext("standard input is not JSON.")) from error
    turns = [{"role": "user", "text": options.prompt}]
    if options.answer is not None:
        turns.append({"role": "assistant", "text": options.answer})
    return {"context": options.context, "turns": turns}


def _redact(options: argparse.Namespace, _state: StateDir) -> int:
    text = sys.stdin.read() if options.text is None else options.text
    marked, found = redaction.redact_text(text, frozenset(options.also))
    _say(marked)
    for name in sorted(found):
        level = gettext("sensitivity %(level)d") % {"level": CLASSES[name].level}
        _say(f"{name}: {CLASSES[name].category}, {level}")
    return OK


def _exclude(options: argparse.Namespace, state: StateDir) -> int:
    entries = store.exclusions(state)
    if options.action != "list" and not options.entry:
        raise StateError(gettext("name a program or a host name."))
    written, known = [entry.strip() for entry in options.entry if entry.strip()], store.listed_contexts(state)
    named = {line: frozenset(one.lower() for one in exclusions.meant(line, known)) for line in written}
    changed = frozenset[str]().union(*named.values())
    if options.action == "add":
        unknown = [line for line, names in named.items() if not names]
        if unknown:
            raise StateError(_matches_nothing(unknown[0]))
        store.save_exclusions(state, entries | changed)
    elif options.action == "remove":
        store.save_exclusions(state, entries - changed - {line.lower() for line in written})
    nothing = gettext("Nothing is excluded beyond what is always excluded.")
    _say("\n".join(sorted(store.exclusions(state))) or nothing)
    return OK


def _matches_nothing(line: str) -> str:
    told = gettext(
        "“%(line)s” matches no program and no site. Write a program such as “code”, a site such as “bank.example”, or"
        " an app by the name that it has on your pages."
    )
    return told % {"line": line}


def _forget(options: argparse.Namespace, state: StateDir) -> int:
    if _is_running(state):
        if options.device:
            raise StateError(gettext("stop the collector first."))
        state.write(store.FORGET, b"")
        _say(gettext("The running collector destroys what it has not sent yet."))
        return OK
    with state.lock():
        count = Spool(state).wipe() if (state.path / FOLDER).exists() else 0
        if options.device:
            identity.forget(state)
            store.forget_documents(state)
    _say(_destroyed(count))
    if options.device:
        _say(gettext("This device is forgotten."))
    return OK


def _destroyed(count: int) -> str:
    told = ngettext(
        "Destroyed %(count)d segment that had not been sent.",
        "Destroyed %(count)d segments that had not been sent.",
        count,
    )
    return told % {"count": count}


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _is_running(state: StateDir) -> bool:
    try:
        state.lock().close()
    except StateError:
        return True
    return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m collector", description=gettext("Daylight's collector on this device.")
    )
    state = gettext("state directory")
    parser.add_argument("--state", type=Path, default=default_directory(), help=state)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--state", type=Path, default=argparse.SUPPRESS, help=state)
    commands = parser.add_subparsers(required=True, metavar=gettext("COMMAND"))

    def add(name: str, command: Any, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, parents=[shared])
        sub.set_defaults(command=command)
        return sub

    _add_enrol(add("enrol", _enrol, gettext("Add this device with the one-time code from your portal.")))
    _add_run(add("run", _run, gettext("Record what your policy allows, until stopped.")))
    told = add("status", _status, gettext("Say what is recorded now."))
    told.add_argument("--json", action="store_true", help=gettext("for programs: the same in every language"))
    pause = add("pause", _pause, gettext("Stop recording on this device; works without the server."))
    pause.add_argument("--minutes", type=int, help=gettext("for how long; without it until `resume`"))
    add("resume", _resume, gettext("End this device's own pause."))
    site = add("site", _site, gettext("Say at which site this device is; it believes no server about that."))
    site.add_argument("site", type=place_name, metavar=gettext("SITE"), help=gettext("as the portal calls the site"))
    _add_prompt(
        add("prompt", _prompt, gettext("Hand in a question to an AI tool and its answer (or JSON on standard input)."))
    )
    redact = add("redact", _redact, gettext("Show what would be left of a text (of standard input, if none is given)."))
    redact.add_argument("text", nargs="?", metavar=gettext("TEXT"), help=gettext("what to try it on"))
    redact.add_argument(
        "--also", action="append", default=[], choices=sorted(CLASSES), help=gettext("as a policy may add")
    )
    exclude = add("exclude", _exclude, gettext("Programs and sites that are never recorded on this device."))
    exclude.add_argument("action", choices=("add", "remove", "list"), help=gettext("what to do with the list"))
    exclude.add_argument("entry", nargs="*", metavar=gettext("ENTRY"), help=gettext("programs or host names"))
    forget = add("forget", _forget, gettext("Destroy what was recorded but not sent yet."))
    forget.add_argument("--device", action="store_true", help=gettext("and this device's key: it must be added anew"))
    return parser


def _add_enrol(enrol: argparse.ArgumentParser) -> None:
    enrol.add_argument("--server", required=True, help=gettext("the server's address"))
    enrol.add_argument("--trust", required=True, help=gettext("the fingerprint of the server's trust document"))
    enrol.add_argument("--code", required=True, help=gettext("the one-time code"))
    enrol.add_argument("--name", help=gettext("what the device calls itself"))
    enrol.add_argument("--site", type=place_name, help=gettext("the site at which the device is"))


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("--http", action="store_true", help=gettext("plain HTTP polling instead of a WebSocket"))
    run.add_argument("--scripted", type=int, metavar="SEED", help=gettext("demo work instead of the real desktop"))
    run.add_argument("--pace", type=float, default=1.0, help=gettext("how fast the demo work goes"))
    run.add_argument("--no-probes", action="store_true", help=gettext("prompts only: no desktop"))
    longest = LONGEST_MS // 1000
    run.add_argument(
        "--segment-seconds",
        type=int,
        default=longest,
        choices=range(1, longest + 1),
        metavar="1..60",
        help=gettext("how many seconds a segment holds at most"),
    )


def _add_prompt(prompt: argparse.ArgumentParser) -> None:
    prompt.add_argument("--context", default="chat", help=gettext("the tool, as the policy calls it"))
    prompt.add_argument("--prompt", help=gettext("the question"))
    prompt.add_argument("--answer", help=gettext("the tool's answer"))
