"""Modules that libraries import for what the collector never does: they wait until somebody asks them for something.

detect-secrets and the OpAMP package import `requests` to call servers, which we do by aiohttp; python-stdnum imports
`pydoc` to describe itself. Together they took 7 MB on every employee's machine. (importlib's own LazyLoader loads a
module as soon as a second library imports it.)
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

NEVER_CALLED: dict[str, tuple[str, ...]] = {"requests": ("Response",), "pydoc": ()}
"""Module → what of it stands in an annotation only, where a stand-in will do."""


class Waiting(ModuleType):
    """Stands for a module that is loaded when the first of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def defer() -> None:
    """Let them wait. Called before anything imports them; one that is there already stays."""
    for name, annotated in NEVER_CALLED.items():
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec is not None:
            module = sys.modules[name] = Waiting(name)
            module.__spec__ = spec
            vars(module).update({word: type(word, (), {}) for word in annotated})
