// The documents that officer and council sign, read as strictly as wire/codec.py reads them, and what widens a policy.
"use strict";

const POLICY_TYPE = "application/vnd.daylight.policy.v1+json";
const TRUST_TYPE = "application/vnd.daylight.trust.v1+json";
const KINDS = ["pointer", "click", "key", "screenshot", "window", "prompt"];
const SIGNERS = ["officer", "council", "lease", "vault"];

const INT = (value) => Number.isSafeInteger(value);
const TEXT = (value) => typeof value === "string" && !value.includes("\0");
const HEX = (value) => TEXT(value) && /^([0-9a-f]{2})*$/.test(value);
const DIGEST = (value) => TEXT(value) && /^[0-9a-f]{64}$/.test(value);
const ONE_OF = (names) => (value) => names.includes(value);
const LIST = (each) => (value) => Array.isArray(value) && value.every(each);
const MAYBE = (inner) => (value) => value === null || inner(value);
const RECORD = (fields) => (value) =>
  hasKeys(value, Object.keys(fields)) && Object.entries(fields).every(([name, holds]) => holds(value[name]));
// Fields added later are left out where they have no value: see wire.codec.later.
const WITH_LATER = (fields, later) => (value) =>
  value !== null && typeof value === "object" &&
  RECORD({ ...fields, ...Object.fromEntries(Object.entries(later).filter(([name]) => name in value)) })(value);

const WORDS = RECORD({ en: TEXT, de: TEXT });
const AUDIENCE = { sites: MAYBE(LIST(TEXT)), departments: MAYBE(LIST(TEXT)), countries: MAYBE(LIST(TEXT)) };
const POLICY = RECORD({
  version: INT,
  issued: INT,
  not_before: INT,
  expires: INT,
  audience: RECORD(AUDIENCE),
  contexts: LIST(RECORD({ id: TEXT, name: TEXT, apps: LIST(TEXT), sites: LIST(TEXT) })),
  rules: LIST(
    RECORD({ kind: ONE_OF(KINDS), contexts: LIST(TEXT), sampling: INT, interval_s: INT, retention_days: INT }),
  ),
  exclusions: LIST(TEXT),
  hours: MAYBE(RECORD({ weekdays: LIST(INT), from_minute: INT, to_minute: INT })),
  redaction: LIST(TEXT),
  max_sensitivity: INT,
  purpose: WORDS,
  legal_basis: WORDS,
  impact_assessment: TEXT,
  pause_min_minutes: INT,
  self_service_hours: INT,
  lease_ttl_s: INT,
  difference: (value) => /^([0-9a-f]{64})?$/.test(value),
});
const KEY = WITH_LATER({ signer: ONE_OF(SIGNERS), public_key: HEX }, { site: TEXT });
const TRUST = WITH_LATER({ version: INT, issued: INT, keys: LIST(KEY) }, { quorum: INT, signing_file: DIGEST });
const MOST_QUORUM = MAX_SIGNATURES - 2;

function readPolicy(bytes) {
  const policy = canonicalValue(bytes);
  if (!POLICY(policy) || !policyHolds(policy)) throw new Error("not a policy");
  return policy;
}

function policyHolds(policy) {
  const known = new Set(policy.contexts.map((context) => context.id));
  const hours = policy.hours;
  return (
    policy.version >= 1 &&
    policy.not_before < policy.expires &&
    known.size === policy.contexts.length &&
    new Set(policy.rules.map((rule) => rule.kind)).size === policy.rules.length &&
    policy.rules.every((rule) => rule.contexts.every((id) => known.has(id))) &&
    policy.rules.every((rule) => rule.sampling >= 1 && rule.sampling <= 1000) &&
    policy.rules.every((rule) => rule.retention_days >= 1 && rule.interval_s >= 0) &&
    (hours === null ||
      (hours.weekdays.every((day) => day >= 1 && day <= 7) &&
        hours.from_minute >= 0 && hours.from_minute < hours.to_minute && hours.to_minute <= 1440)) &&
    policy.pause_min_minutes >= 1 && policy.self_service_hours >= 0 &&
    policy.max_sensitivity >= 1 && policy.max_sensitivity <= 4 &&
    policy.lease_ttl_s >= 1 && policy.lease_ttl_s <= 600
  );
}

// { version, issued, quorum, file: SHA-256 of the signing file or null, keys: signer → Map(key id → raw), sites: Map(key
// id of a council → its site, null for the central one) } of a trust document's canonical bytes.
async function readTrust(bytes) {
  const trust = canonicalValue(bytes);
  if (!TRUST(trust)) throw new Error("not a trust document");
  if (new Set(trust.keys.map((key) => key.public_key)).size !== trust.keys.length) throw new Error("a key twice");
  const keys = Object.fromEntries(SIGNERS.map((signer) => [signer, new Map()]));
  const sites = new Map();
  for (const key of trust.keys) {
    const raw = fromHex(key.public_key);
    if (!isPublicKey(raw)) throw new Error("not a public key");
    if ("site" in key && (key.signer !== "council" || key.site === "")) throw new Error("councils alone have a site");
    const id = await sha256(raw);
    keys[key.signer].set(id, raw);
    if (key.signer === "council") sites.set(id, key.site ?? null);
  }
  const { version, issued, quorum = 1, signing_file: file = null } = trust;
  const read = { version, issued, quorum, file, keys, sites };
  const fewest = Math.min(...[null, ...sites.values()].map((site) => councilOf(read, site).length));
  if ("quorum" in trust && !(trust.quorum > 1 && trust.quorum <= Math.min(MOST_QUORUM, fewest))) {
    throw new Error("not a quorum that each council can reach");
  }
  return read;
}

// The key ids of a site's own works council, or of the central one.
function councilOf(trust, site) {
  return [...trust.sites].filter(([, own]) => own === site).map(([id]) => id);
}

// The site whose own council decides about a document for these sites; null: the central one does (wire/councils.py).
function decidingCouncil(trust, sites) {
  const named = [...new Set(sites ?? [])];
  return named.length === 1 && councilOf(trust, named[0]).length > 0 ? named[0] : null;
}

function enoughOf(trust, site, signers) {
  return councilOf(trust, site).filter((id) => signers.includes(id)).length >= trust.quorum;
}

function keysOf(trust, ...signers) {
  return new Map(signers.flatMap((signer) => [...trust.keys[signer]]));
}

// A trust document as devices take it the first time: signed by one of its own officers and one of its own council.
async function openTrust(envelope) {
  const payload = payloadOf(envelope);
  const trust = await readTrust(payload);
  const { signers } = await verifiedEnvelope(envelope, TRUST_TYPE, keysOf(trust, "officer", "council"));
  if (!signers.some((id) => trust.keys.officer.has(id)) || !enoughOf(trust, null, signers)) {
    throw new Error("the trust document needs the signatures of officer and council");
  }
  return { ...trust, fingerprint: await sha256(payload) };
}

// A policy that an officer of `trust` signed, with who signed it.
async function openPolicy(envelope, trust) {
  const { payload, signers } = await verifiedEnvelope(envelope, POLICY_TYPE, keysOf(trust, "officer", "council"));
  if (!signers.some((id) => trust.keys.officer.has(id))) throw new Error("no officer signed this policy");
  return { policy: readPolicy(payload), payload, signers };
}
