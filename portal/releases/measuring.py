"""Counts of a period for each atom: per person first, then how many people, how much, and the two largest.

Everything is read for members of the quarter's panel only. What a person did counts where they belonged on the
quarter's first day, wherever they are now.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.releases import items
from portal.releases.contributions import Contribution
from portal.releases.periods import Period
from portal.releases.places import Atom
from portal.releases.tables import Splits

Counts = dict[Atom, dict[str, Contribution]]

# Each gives rows (employee_id, item, amount). A person may have several rows of one item.
_DAYS: Final = """
SELECT d.employee_id, u.item, u.amount
  FROM (SELECT e.employee_id, e.kind, e.context, e.sensitivity, sum(e.items) AS items, sum(e.milliseconds) AS ms,
               grouping(e.kind, e.context, e.sensitivity) AS left_out
          FROM panel_person q JOIN employee_day e ON e.employee_id = q.employee_id
         WHERE e.local_day >= :starts_on AND e.local_day < :ends_on
         GROUP BY GROUPING SETS ((e.employee_id), (e.employee_id, e.kind), (e.employee_id, e.context),
                                 (e.employee_id, e.sensitivity))) d
 CROSS JOIN LATERAL (
    VALUES (CASE d.left_out WHEN 7 THEN 'items' WHEN 3 THEN 'items.kind.' || d.kind
                            WHEN 5 THEN 'items.context.' || d.context ELSE 'items.sensitivity.' || d.sensitivity END,
            d.items),
           (CASE d.left_out WHEN 7 THEN 'hours' END, d.ms)) u (item, amount)
 WHERE u.item IS NOT NULL
"""
_PAUSES: Final = """
SELECT p.employee_id, unnest(ARRAY['pauses', 'pauses.length.' || CASE
         WHEN p.weekday IS NOT NULL OR p.over IS NULL THEN 'open'
         WHEN p.over - p.starts_at <= interval '30 minutes' THEN '30m'
         WHEN p.over - p.starts_at <= interval '1 hour' THEN '1h'
         WHEN p.over - p.starts_at <= interval '1 day' THEN '1d' ELSE 'longer' END]), 1
  FROM (SELECT *, least(ends_at, ended_at) AS over FROM pause) p
 WHERE p.starts_at >= :starts_at AND p.starts_at < :ends_at
"""
_REFUSED: Final = """
SELECT u.employee_id, 'refused', 1 FROM upload u
 WHERE u.outcome = 'refused' AND u.local_day >= :starts_on AND u.local_day < :ends_on
"""
_REQUESTS: Final = """
SELECT r.employee_id, unnest(ARRAY['requests', 'requests.type.' || r.type, 'requests.state.' || r.state,
         'requests.decided.' || CASE
         WHEN d.at IS NULL THEN 'waits'
         WHEN d.at - r.received_at <= interval '7 days' THEN '7d'
         WHEN d.at - r.received_at <= interval '14 days' THEN '14d'
         WHEN d.at - r.received_at <= interval '30 days' THEN '30d' ELSE 'longer' END]), 1
  FROM request r
  LEFT JOIN LATERAL (SELECT min(coalesce(s.confirmed_at, s.proposed_at)) AS at FROM request_decision s
                      WHERE s.request_id = r.id AND s.rejected_at IS NULL) d ON true
 WHERE r.received_at >= :starts_at AND r.received_at < :ends_at
"""
_LOOKS: Final = """
SELECT l.employee_id, unnest(ARRAY['looks',
         'looks.role.' || CASE WHEN l.reader_id = l.employee_id THEN 'own'
                               ELSE coalesce((SELECT min(g.role) FROM role_grant g
                                               WHERE g.employee_id = l.reader_id), 'other') END,
         'looks.purpose.' || l.purpose]), 1
  FROM look l WHERE l.at >= :starts_at AND l.at < :ends_at
"""
# From asking until the first device of the person said that it had stopped.
_EFFECT: Final = """
SELECT p.employee_id, unnest(ARRAY['effect', 'effect.time.' || CASE
         WHEN s.at - p.asked_at <= interval '1 second' THEN '1s'
         WHEN s.at - p.asked_at <= interval '10 seconds' THEN '10s'
         WHEN s.at - p.asked_at <= interval '2 minutes' THEN '2m' ELSE 'longer' END]), 1
  FROM pause p
 CROSS JOIN LATERAL (SELECT min(d.received_at) AS at FROM device_report d
                      WHERE d.employee_id = p.employee_id AND d.what = 'stopped' AND d.directive >= p.number
                        AND d.received_at >= p.asked_at) s
 WHERE p.asked_at >= :starts_at AND p.asked_at < :ends_at AND s.at IS NOT NULL
"""
# What the check of a day found, each thing once; the sort may be any text.
_MISMATCHES: Final = """
SELECT f.employee_id, unnest(ARRAY['mismatches', 'mismatches.sort.' || f.what]), 1
  FROM reconciliation_finding f WHERE f.day >= :starts_on AND f.day < :ends_on
"""
_INCIDENTS: Final = """
SELECT i.employee_id, unnest(ARRAY['incidents', 'incidents.about.' || i.what, 'incidents.answer.' || CASE
         WHEN i.withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN i.answered_at IS NOT NULL THEN 'answered'
         ELSE 'waits' END]), 1
  FROM incident i WHERE i.raised_at >= :starts_at AND i.raised_at < :ends_at
"""
SOURCES: Final[Mapping[str, str]] = {
    items.HOURS: _DAYS,
    items.ITEMS: _DAYS,
    items.PAUSES: _PAUSES,
    items.REFUSED: _REFUSED,
    items.REQUESTS: _REQUESTS,
    items.LOOKS: _LOOKS,
    items.EFFECT: _EFFECT,
    items.MISMATCHES: _MISMATCHES,
    items.INCIDENTS: _INCIDENTS,
}
_BY_ATOM: Final = """
WITH amount (employee_id, item, amount) AS ({source}),
     person AS (SELECT employee_id, CASE WHEN item = ANY (:names) THEN item ELSE
                       split_part(item, '.', 1) || '.' || split_part(item, '.', 2) || '.{other}' END AS item,
                       sum(amount) AS amount FROM amount GROUP BY 1, 2),
     ranked AS (SELECT m.country, m.site, m.department, v.item, v.amount,
                       row_number() OVER (PARTITION BY m.country, m.site, m.department, v.item
                                          ORDER BY v.amount DESC) AS at
                  FROM person v JOIN panel_person p ON p.employee_id = v.employee_id
                  JOIN panel_member m ON m.member = p.member AND m.quarter = :quarter WHERE v.amount > 0)
SELECT country, site, department, item, count(*), sum(amount), max(amount) FILTER (WHERE at = 1),
       coalesce(max(amount) FILTER (WHERE at = 2), 0)
  FROM ranked GROUP BY 1, 2, 3, 4
"""
# People of the panel who were captured, paused, or had opted out of everything at the end of the period.
_SHARES: Final = """
WITH found (employee_id, item) AS (
    SELECT DISTINCT d.employee_id, 'share.captured'
      FROM panel_person q JOIN employee_day d ON d.employee_id = q.employee_id
     WHERE d.local_day >= :starts_on AND d.local_day < :ends_on AND d.items > 0
    UNION SELECT employee_id, 'share.paused' FROM pause
     WHERE starts_at < :ends_at AND coalesce(least(ends_at, ended_at), 'infinity') > :starts_at
    UNION SELECT employee_id, 'share.opted_out' FROM pause
     WHERE ends_at IS NULL AND weekday IS NULL AND kinds IS NULL AND contexts IS NULL AND device_id IS NULL
       AND starts_at < :ends_at AND coalesce(ended_at, 'infinity') >= :ends_at)
SELECT m.country, m.site, m.department, f.item, count(*)
  FROM found f JOIN panel_person p ON p.employee_id = f.employee_id
  JOIN panel_member m ON m.member = p.member AND m.quarter = :quarter
 GROUP BY 1, 2, 3, 4
"""


def _times(period: Period) -> dict[str, Any]:
    starts_at, ends_at = period.days
    days: dict[str, date] = {"starts_on": period.starts_on, "ends_on": period.ends_on, "quarter": period.quarter}
    return days | {"starts_at": starts_at, "ends_at": ends_at}


def counts(session: Session, period: Period, splits: Splits) -> Counts:
    """Atom → item → contribution, for these totals with their parts; what is none of the parts is the `other` one."""
    found: Counts = {}
    names = items.names(splits)
    given = _times(period) | {"names": names}
    for source in dict.fromkeys(SOURCES[total] for total in splits):
        statement = text(_BY_ATOM.format(source=source, other=items.OTHER))
        for country, site, department, item, people, total, first, second in session.execute(statement, given):
            value = Contribution(people, int(total), int(first), int(second))
            if item in names:
                found.setdefault(Atom(country, site, department), {})[item] = value
    return found


def shares(session: Session, period: Period) -> dict[Atom, dict[str, int]]:
    """Atom → share → how many people."""
    found: dict[Atom, dict[str, int]] = {}
    for country, site, department, item, people in session.execute(text(_SHARES), _times(period)):
        found.setdefault(Atom(country, site, department), {})[item] = people
    return found
