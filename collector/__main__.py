import sys

from collector import lean

lean.defer()

from collector.cli import main  # noqa: E402 - only now, see lean

sys.exit(main())
