// What a new policy changes, as lines that people read and sign: wire/difference.py, line by line, with the same table.
"use strict";

const LANGUAGES = ["en", "de"];
const AXES = ["sites", "departments", "countries"];

const listed = (values) => [...new Set(values)];
const line = (code, effect, parameters = {}) => ({ code, effect, parameters });
const more = (code, parameters) => line(code, "more", parameters);
const less = (code, parameters) => line(code, "less", parameters);
const same = (code, parameters) => line(code, "same", parameters);

// Everything that `next` changes against `old`, or, without one, all that it says; then what it asks for more than the
// policies beside, which it goes before for some.
function lines(old, next, beside = []) {
  const found = [...firstLines(old, beside), ...against(old, next)];
  return [...(found.length > 0 ? found : [same("nothing")]), ...beside.flatMap((other) => besideLines(old, next, other))];
}

function against(old, next) {
  const parts = [dateLines, audienceLines, contextLines, ruleLines, limitLines, wordLines];
  return parts.flatMap((part) => part(old, next));
}

function besideLines(old, next, other) {
  const here = instead(old, next, other);
  const found = here === null ? [] : against(other, here).filter((one) => one.effect === "more");
  const whom = AXES.flatMap((axis) => listed(other.audience[axis] ?? []));
  const code = limits(other) > 0 ? "beside" : "beside.everyone";
  return found.length > 0 ? [more(code, { version: other.version, whom }), ...found] : [];
}

async function differenceDigest(old, next, beside = []) {
  const found = lines(old, next, beside);
  const texts = Object.fromEntries(LANGUAGES.map((language) => [language, found.map((one) => sentence(one, language))]));
  const replaces = old === null ? "" : await sha256(canonicalBytes(old));
  const hashes = await Promise.all(beside.map((one) => sha256(canonicalBytes(one))));
  const held = hashes.length > 0 ? { beside: hashes } : {};
  return sha256(canonicalBytes({ replaces, lines: found, ...texts, ...held }));
}

function differenceLines(old, next, beside, language) {
  return lines(old, next, beside).map((one) => ({ tone: one.effect, text: sentence(one, language) }));
}

function numberLines(code, ends, old, next, flip = false, extra = {}) {
  if (old === next) return [];
  const greater = next > old;
  const effect = greater !== flip ? "more" : "less";
  return [line(`${code}.${greater ? ends[0] : ends[1]}`, effect, { ...extra, old, new: next })];
}

function memberLines(code, old, next, flip = false, extra = {}) {
  const [before, after] = [listed(old), listed(next)];
  const added = after.filter((one) => !before.includes(one));
  const removed = before.filter((one) => !after.includes(one));
  return [
    ...(added.length ? [line(`${code}.added`, flip ? "less" : "more", { ...extra, new: added })] : []),
    ...(removed.length ? [line(`${code}.removed`, flip ? "more" : "less", { ...extra, old: removed })] : []),
  ];
}

function firstLines(old, beside) {
  if (old !== null) return [];
  return [beside.length > 0 ? more("first.some", { new: beside.map((one) => one.version) }) : more("first")];
}

function dateLines(old, next) {
  if (old === null) return [same("begins.is", { new: next.not_before }), same("expires.is", { new: next.expires })];
  const begins = { old: old.not_before, new: next.not_before };
  return [
    ...(next.not_before < old.not_before ? [more("begins.earlier", begins)] : []),
    ...(next.not_before > old.not_before ? [same("begins.later", begins)] : []),
    ...numberLines("expires", ["later", "earlier"], old.expires, next.expires),
  ];
}

function audienceLines(old, next) {
  const everyone = AXES.every((axis) => next.audience[axis] === null);
  const found = old === null && everyone ? [same("audience.everyone")] : [];
  for (const axis of AXES) {
    const before = old === null ? null : old.audience[axis];
    const after = next.audience[axis];
    if (before === null && after !== null) found.push(same(`audience.${axis}.limited`, { new: listed(after) }));
    else if (before !== null && after === null) found.push(more(`audience.${axis}.unlimited`, { old: listed(before) }));
    else if (before !== null && after !== null) found.push(...axisLines(axis, before, after));
  }
  return found;
}

// Whom it is no longer for goes on with the policy before: nothing is taken from them.
function axisLines(axis, before, after) {
  return memberLines(`audience.${axis}`, before, after).map((one) => (one.effect === "more" ? one : { ...one, effect: "same" }));
}

function contextLines(old, next) {
  const before = new Map((old === null ? [] : old.contexts).map((context) => [context.id, context]));
  const after = new Map(next.contexts.map((context) => [context.id, context]));
  const whole = (context) => ({ name: context.name, apps: listed(context.apps), sites: listed(context.sites) });
  const found = next.contexts.flatMap((context) =>
    before.has(context.id) ? changedContext(before.get(context.id), context) : [more("context.added", whole(context))],
  );
  for (const context of before.values()) {
    const code = losesNothing(old, next, context, undefined) ? "context.removed" : "context.unlisted";
    if (!after.has(context.id)) found.push(less(code, whole(context)));
  }
  for (const context of before.values()) {
    if (!losesNothing(old, next, context, after.get(context.id))) found.push(more("context.uncovered", { name: context.name }));
  }
  const kept = [...before.keys()].filter((id) => after.has(id));
  const now = [...after.keys()].filter((id) => before.has(id));
  if (kept.some((id, at) => id !== now[at])) {
    found.push(more("contexts.reordered", { new: next.contexts.map((context) => context.name) }));
  }
  return found;
}

function changedContext(before, after) {
  const name = { name: after.name };
  return [
    ...(before.name !== after.name ? [more("context.renamed", { old: before.name, new: after.name })] : []),
    ...memberLines("context.apps", before.apps, after.apps, false, name),
    ...memberLines("context.sites", before.sites, after.sites, false, name),
  ];
}

function ruleLines(old, next) {
  const both = old === null ? next.contexts : [...old.contexts, ...next.contexts];
  const names = new Map(both.map((context) => [context.id, context.name]));
  return KINDS.flatMap((kind) => {
    const before = (old === null ? [] : old.rules).find((rule) => rule.kind === kind);
    const after = next.rules.find((rule) => rule.kind === kind);
    if (before === undefined && after !== undefined) return [newRule(after, names)];
    if (before !== undefined && after === undefined) return [less("rule.removed", { kind })];
    return after === undefined ? [] : changedRule(before, after, names);
  });
}

const named = (ids, names) => listed(ids).map((id) => names.get(id));

function newRule(rule, names) {
  return more(rule.interval_s ? "rule.added.spaced" : "rule.added", {
    kind: rule.kind,
    contexts: named(rule.contexts, names),
    sampling: rule.sampling,
    interval: rule.interval_s,
    days: rule.retention_days,
  });
}

function changedRule(before, after, names) {
  const kind = { kind: after.kind };
  const members = memberLines("rule.contexts", before.contexts, after.contexts, false, kind);
  for (const { parameters } of members) {
    for (const key of ["old", "new"]) if (key in parameters) parameters[key] = named(parameters[key], names);
  }
  return [
    ...members,
    ...numberLines("rule.sampling", ["more", "less"], before.sampling, after.sampling, false, kind),
    ...numberLines("rule.interval", ["longer", "shorter"], before.interval_s, after.interval_s, true, kind),
    ...numberLines("rule.retention", ["longer", "shorter"], before.retention_days, after.retention_days, false, kind),
  ];
}

const NUMBERS = [
  ["sensitivity", ["higher", "lower"], "max_sensitivity", false],
  ["pause", ["longer", "shorter"], "pause_min_minutes", false],
  ["self_service", ["longer", "shorter"], "self_service_hours", true],
  ["lease", ["longer", "shorter"], "lease_ttl_s", false],
];

function limitLines(old, next) {
  return [
    ...memberLines("exclusions", old === null ? [] : old.exclusions, next.exclusions, true),
    ...hourLines(old, next),
    ...memberLines("redaction", old === null ? [] : old.redaction, next.redaction, true),
    ...NUMBERS.flatMap(([code, ends, field, flip]) =>
      old === null ? [same(`${code}.is`, { new: next[field] })] : numberLines(code, ends, old[field], next[field], flip),
    ),
  ];
}

function hourLines(old, next) {
  const before = old === null ? null : old.hours;
  const after = next.hours;
  const span = (hours) => ({
    days: listed(hours.weekdays).sort((one, other) => one - other),
    from: hours.from_minute,
    to: hours.to_minute,
  });
  if (before === null && after === null) return old === null ? [same("hours.any")] : [];
  if (before === null) return [less("hours.limited", span(after))];
  if (after === null) return [more("hours.unlimited", span(before))];
  return [
    ...memberLines("hours.days", before.weekdays, after.weekdays),
    ...numberLines("hours.from", ["later", "earlier"], before.from_minute, after.from_minute, true),
    ...numberLines("hours.to", ["later", "earlier"], before.to_minute, after.to_minute),
  ];
}

function wordLines(old, next) {
  const found = [];
  for (const field of ["purpose", "legal_basis"]) {
    if (old === null) {
      found.push(same(`${field}.is`, { en: next[field].en, de: next[field].de }));
      continue;
    }
    for (const language of LANGUAGES) {
      const [was, now] = [old[field][language], next[field][language]];
      if (was !== now) found.push(more(`${field}.${language}`, { old: was, new: now }));
    }
  }
  const assessment = next.impact_assessment;
  if (old === null) found.push(same("assessment.is", { new: assessment }));
  else if (old.impact_assessment !== assessment) {
    found.push(more("assessment.changed", { old: old.impact_assessment, new: assessment }));
  }
  return found;
}
