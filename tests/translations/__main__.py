"""`python -m tests.translations`: bring the German catalogue up to date, compile it, list what is not translated."""

import sys

from tests.translations.catalogue import PO, update

missing = update()
sys.stdout.write("".join(f"{message}\n" for message in missing))
sys.exit(f"Translate these in {PO}, then run this again." if missing else 0)
