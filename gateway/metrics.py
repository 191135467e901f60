"""Counters for operators: sums only, nothing about a person or a device."""

from prometheus_client import Counter, Gauge, Histogram

connections = Gauge("daylight_gateway_connections", "Devices connected by WebSocket.")
people = Gauge("daylight_gateway_people", "People with a device here.")
listening = Gauge("daylight_gateway_listening", "1 while notifications of the database arrive.")
leases = Counter("daylight_gateway_leases_total", "Leases issued or renewed.")
pushes = Counter("daylight_gateway_pushes_total", "Configurations pushed to devices.")
dropped = Counter("daylight_gateway_dropped_total", "Connections dropped because the device did not read.")
reports = Counter("daylight_gateway_reports_total", "Device reports stored.", ["what"])
segments = Counter("daylight_gateway_segments_total", "Uploaded segments by outcome or reason of refusal.", ["outcome"])
refusals = Counter("daylight_gateway_refusals_total", "Requests refused.", ["reason"])
batches = Histogram(
    "daylight_gateway_batch_size", "Items in one group commit.", ["batch"], buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
