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

// Whether no window that `before` matched and `after` does not can fall to another context that is captured.
function losesNothing(old, next, before, after) {
  if (old === null) return true;
  const lost = (field) => before[field].filter((one) => after === undefined || !after[field].includes(one));
  const [apps, sites] = [lost("apps"), lost("sites")];
  const captured = new Set(next.rules.flatMap((rule) => rule.contexts));
  const ahead = old.contexts.map((context) => context.id);
  const behind = new Set(ahead.slice(ahead.indexOf(before.id) + 1));
  return !next.contexts.some((one) =>
    behind.has(one.id) && captured.has(one.id) &&
    ((apps.length > 0 && one.apps.length > 0) || sites.some((mine) => one.sites.some((theirs) => sitesMeet(mine, theirs)))),
  );
}

// Whether some host matches both patterns.
function sitesMeet(one, other) {
  const host = (pattern) => {
    const name = pattern.toLowerCase().replace(/\.+$/, "");
    const below = name.startsWith("*.");
    return [below ? name.slice(2) : name, below];
  };
  const [[here, below], [there, beneath]] = [host(one), host(other)];
  return here === there || (below && there.endsWith(`.${here}`)) || (beneath && here.endsWith(`.${there}`));
}

function hoursWithin(old, next) {
  if (old === null) return true;
  return (
    next !== null && subset(next.weekdays, old.weekdays) && next.from_minute >= old.from_minute &&
    next.to_minute <= old.to_minute
  );
}

// What a policy goes before, beside the one that it replaces: wire/precedence.py, line by line.
const limits = (policy) => AXES.filter((axis) => policy.audience[axis] !== null).length;
const axesOf = (one, other) => AXES.map((axis) => [one.audience[axis], other.audience[axis]]);
const insideOf = (inner, outer) => AXES.every((axis) => axisWithin(outer.audience[axis], inner.audience[axis]));

// The new policy as it is for the people and the time of `other`; null where it never goes before it.
function instead(old, next, other) {
  const follows = old !== null && insideOf(old, other) && insideOf(other, old);
  const not_before = Math.max(next.not_before, other.not_before);
  const end = Math.min(next.expires, other.expires);
  const meet = axesOf(next, other).every(([mine, theirs]) =>
    mine === null || theirs === null || mine.some((one) => theirs.includes(one)));
  if (!meet || not_before >= end || limits(other) > limits(next)) return null;
  return { ...next, audience: other.audience, not_before, expires: follows ? next.expires : end };
}

// Whether anybody could have more captured, kept or allowed by it than before.
function wider(old, next, beside) {
  return widens(old, next) || beside.some((other) => {
    const here = instead(old, next, other);
    return here !== null && widens(other, here);
  });
}
