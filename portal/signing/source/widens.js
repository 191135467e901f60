// Whether a policy could capture, keep or allow anything that the one before did not: wire/policy.py, line by line.
"use strict";

const subset = (inner, outer) => inner.every((one) => outer.includes(one));

function widens(old, next) {
  return old === null || !within(old, next);
}

function within(old, next) {
  const axes = ["sites", "departments", "countries"];
  return (
    next.not_before >= old.not_before && next.expires <= old.expires &&
    axes.every((axis) => axisWithin(old.audience[axis], next.audience[axis])) &&
    next.rules.every((rule) => ruleWithin(old, rule)) &&
    contextsWithin(old, next) &&
    subset(old.exclusions, next.exclusions) &&
    hoursWithin(old.hours, next.hours) &&
    subset(old.redaction, next.redaction) &&
    next.max_sensitivity <= old.max_sensitivity &&
    ["purpose", "legal_basis", "impact_assessment"].every((n) => canonicalText(old[n]) === canonicalText(next[n])) &&
    next.pause_min_minutes <= old.pause_min_minutes &&
    next.self_service_hours >= old.self_service_hours &&
    next.lease_ttl_s <= old.lease_ttl_s
  );
}

function axisWithin(old, next) {
  return old === null || (next !== null && subset(next, old));
}

function ruleWithin(old, rule) {
  const before = old.rules.find((one) => one.kind === rule.kind);
  return (
    before !== undefined && subset(rule.contexts, before.contexts) && rule.sampling <= before.sampling &&
    rule.interval_s >= before.interval_s && rule.retention_days <= before.retention_days
  );
}

function contextsWithin(old, next) {
  const before = new Map(old.contexts.map((context) => [context.id, context]));
  const after = new Map(next.contexts.map((context) => [context.id, context]));
  const kept = [...before.keys()].filter((id) => after.has(id));
  return (
    kept.join("\0") === [...after.keys()].join("\0") && kept.length === after.size &&
    kept.every((id) => contextWithin(before.get(id), after.get(id))) &&
    old.contexts.every((context) => losesNothing(old, next, context, after.get(context.id)))
  );
}

function contextWithin(old, next) {
  return next.name === old.name && subset(next.apps, old.apps) && subset(next.sites, old.sites);
}

// Whether windows that `before` matched and `after` does not can fall to no context with more kinds than it had.
function losesNothing(old, next, before, after) {
  if (after !== undefined && subset(before.apps, after.apps) && subset(before.sites, after.sites)) return true;
  return next.rules.every((rule) => {
    if (rule.contexts.length === 0) return true;
    const had = old.rules.find((one) => one.kind === rule.kind);
    return had !== undefined && had.contexts.includes(before.id);
  });
}

function hoursWithin(old, next) {
  if (old === null) return true;
  return (
    next !== null && subset(next.weekdays, old.weekdays) && next.from_minute >= old.from_minute &&
    next.to_minute <= old.to_minute
  );
}
