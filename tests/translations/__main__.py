"""`python -m tests.translations`: bring the German catalogues up to date, compile them, list what is not translated."""

import sys

from tests.translations.catalogue import COLLECTOR, PORTAL

missing = [(one.po, message) for one in (PORTAL, COLLECTOR) for message in one.update()]
sys.stdout.write("".join(f"{po}: {message}\n" for po, message in missing))
sys.exit("Translate these, then run this again." if missing else 0)
