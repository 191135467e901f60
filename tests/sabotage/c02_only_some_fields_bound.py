from typing import Any

from tests.sabotage.framework import Replace, Sabotage
from wire import canonical, codec, segment

BOUND = ("segment", "device", "employee", "seq", "start", "end", "policy", "lease", "key", "size")


def some_fields(header: segment.Header) -> bytes:
    """Header bytes that leave out what a lying collector would like to change later: kind, context, sensitivity."""
    value: dict[str, Any] = codec.to_value(header)
    return canonical.encode({name: value[name] for name in BOUND})


SABOTAGE = Sabotage(
    requirement="C02",
    breaks="Kind, context and sensitivity are not part of what is sealed",
    changes=(Replace("wire.segment:header_bytes", by=some_fields),),
    red=("tests/wire/test_segment.py::test_C02_header_field_changed",),
)
