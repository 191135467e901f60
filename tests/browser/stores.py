"""External stores as the privacy office sees them; without datasets, so that no request reaches them."""

from datetime import timedelta
from uuid import uuid4

from portal.core import clock
from tests.browser.installation import Installation

DAY = timedelta(days=1)


def arrange(installed: Installation) -> None:
    """One with an owner, one that has not answered for three days, one that nobody has asked."""
    now = clock.now()
    _store(installed, "warehouse", ("hive", now, None), "data-platform@daylight.example")
    _store(installed, "telemetry_archive_frankfurt_main", ("parquet", now - 4 * DAY, now - 3 * DAY))
    _store(installed, "crm", ("sql", None, None))
    installed.superuser.commit()


def _store(installed: Installation, name: str, facts: tuple[object, ...], owner: str | None = None) -> None:
    source = uuid4()
    installed.superuser.execute(
        "INSERT INTO source (id, name, setting, connector, contacted_at, unreachable_since) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        [source, name, f"PORTAL_SOURCE_{name.upper()}_URL", *facts],
    )
    if owner:
        installed.superuser.execute("INSERT INTO source_owner (source_id, address) VALUES (%s, %s)", [source, owner])
