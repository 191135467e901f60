"""What leaves a stop's page as a file: the document to sign, and the record."""

import csv
import io
from uuid import UUID

from flask import Response, abort

from portal.core.web.state import db
from portal.policies.queries import trust
from portal.signing import bundle
from portal.stops import actions, records
from portal.stops.desk import read, stop_or_404
from wire import canonical, codec
from wire.stopping import Resume


def resume_document(stop_id: UUID) -> Response:
    """The document that ends this stop with the trust document: what the signing file takes."""
    row, published = stop_or_404(stop_id), trust(db())
    if published is None:
        abort(404)
    payload = canonical.encode(codec.to_value(actions.end_of(row)))
    whole = bundle.written(Resume.TYPE, payload, None, published.envelope)
    return _download(whole.encode(), "application/json", f"resume-{row.number}.json")


def record_json(stop_id: UUID) -> Response:
    """The record as the worker signed it last."""
    row = stop_or_404(stop_id)
    if row.record is None:
        abort(409)
    return _download(row.record.encode(), "application/json", f"stop-{row.number}.json")


def record_csv(stop_id: UUID) -> Response:
    """The same as a table."""
    row = stop_or_404(stop_id)
    if row.record is None:
        abort(409)
    text = io.StringIO()
    csv.writer(text).writerows(records.table(records.read(row.record)))
    return _download(text.getvalue().encode("utf-8-sig"), "text/csv", f"stop-{row.number}.csv")


def _download(data: bytes, kind: str, name: str) -> Response:
    disposition = f'attachment; filename="daylight-{name}"'
    return Response(data, mimetype=kind, headers={"Content-Disposition": disposition})


read("/<uuid:stop_id>/resume.json", resume_document)
read("/<uuid:stop_id>/record.json", record_json)
read("/<uuid:stop_id>/record.csv", record_csv)
