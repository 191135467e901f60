"""The language in which the person is spoken to: what LC_ALL, LC_MESSAGES or LANG say, as gettext reads them.

Messages stand in the code in English, inside `gettext` of the standard library; log lines are no messages. Whoever uses
these modules without `speak` hears English.
"""

import gettext
from pathlib import Path

DOMAIN = "collector"
FOLDER = Path(__file__).parent / "translations"


def speak() -> None:
    """From now on messages of this process, also those of argparse, come from the collector's catalogue."""
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)


def marked(message: str) -> str:
    """The message as it is: for the catalogue to know what is translated elsewhere."""
    return message


ARGPARSE = (
    marked("usage: "),
    marked("positional arguments"),
    marked("options"),
    marked("show this help message and exit"),
    marked("%(prog)s: error: %(message)s\n"),
    marked("argument %(argument_name)s: %(message)s"),
    marked("the following arguments are required: %s"),
    marked("unrecognized arguments: %s"),
    marked("ambiguous option: %(option)s could match %(matches)s"),
    marked("expected one argument"),
    marked("ignored explicit argument %r"),
    marked("invalid %(type)s value: %(value)r"),
    marked("invalid choice: %(value)r (choose from %(choices)s)"),
)
