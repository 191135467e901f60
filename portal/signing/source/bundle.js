// The file from the portal: what to sign, what is in force, and the trust document. Nothing in it is believed unchecked.
"use strict";

const BUNDLE_FORMAT = "daylight-to-sign-1";
const RESUME_TYPE = "application/vnd.daylight.resume.v1+json";
const GROUP_TYPE = "application/vnd.daylight.smallest-group.v1+json";
const FLOOR = 8;
const UUID = (value) => TEXT(value) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
const PLACES = LIST(TEXT);
// Departments and countries are left out where the stop has no limit by them.
const RESUME = (value) => RECORD({
  stop: UUID, number: INT, stopped: INT, sites: MAYBE(PLACES),
  ...("departments" in value && { departments: PLACES }), ...("countries" in value && { countries: PLACES }),
})(value);
const GROUP = RECORD({ number: INT, people: INT, replaces: INT, starts: TEXT, reason: TEXT, issued: INT });

// As strictly as wire/grouping.py: never fewer than the floor, from a quarter's first day on.
function groupHolds({ number, people, replaces, starts, reason }) {
  const known = [people, replaces].every((count) => count >= FLOOR && count <= 1000);
  const seen = !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(reason);
  const told = seen && [...reason].length >= 1 && [...reason].length <= 500;
  return number >= 1 && known && people !== replaces && told && /^(?!0000)\d{4}-(01|04|07|10)-01$/.test(starts);
}

async function readBundle(text) {
  const given = JSON.parse(text);
  const { bases = [], beside = [], ...fields } = given;
  const whole = hasKeys(fields, ["format", "old", "payload", "trust", "type"]) && [bases, beside].every(LIST(TEXT));
  if (!whole || given.format !== BUNDLE_FORMAT) throw new Error("another format");
  const payload = new TextEncoder().encode(given.payload);
  const trust = await openTrust(given.trust);
  const bundle = { type: given.type, payload, trust, hash: await sha256(payload), old: null, next: null, beside: [], proved: true };
  if (given.type === POLICY_TYPE) {
    bundle.next = readPolicy(payload);
    if (given.old !== null) Object.assign(bundle, await openOld(given.old, bases, trust));
    if (bundle.old !== null && bundle.old.version >= bundle.next.version) throw new Error("an older version");
    bundle.beside = beside.map((one) => readPolicy(payloadOf(one)));
    const digest = await differenceDigest(bundle.old, bundle.next, bundle.beside);
    if (bundle.next.difference !== digest) throw new Error("another difference");
  } else if (given.type === TRUST_TYPE) {
    bundle.next = await readTrust(payload);
    bundle.old = trust;
    if (bundle.next.version !== trust.version + 1) throw new Error("not the next trust document");
  } else if (given.type === RESUME_TYPE) {
    bundle.next = canonicalValue(payload);
    if (!RESUME(bundle.next)) throw new Error("not the end of a stop");
  } else if (given.type === GROUP_TYPE) {
    bundle.next = canonicalValue(payload);
    if (!GROUP(bundle.next) || !groupHolds(bundle.next)) throw new Error("not a smallest group");
  } else {
    throw new Error("another type of document");
  }
  return bundle;
}

// The policy with which it is compared, and whether as many keys stand behind it as the trust document asks for. It is
// signed by officer and council, or by the officer alone, and by both an earlier one of which it is a part. Where a
// council signed with fewer keys, as before the trust document asked for more, it is read all the same.
async function openOld(envelope, bases, trust) {
  const old = await openPolicy(envelope, trust);
  const known = await Promise.all(bases.map((one) => openPolicy(one, trust)));
  const parts = known.filter(({ policy }) => policy.version < old.policy.version && !widens(policy, old.policy));
  const behind = [old, ...parts];
  if (!behind.some(({ signers }) => signers.some((id) => trust.keys.council.has(id)))) {
    throw new Error("no works council stands behind the policy with which this one is compared");
  }
  const enough = ({ policy, signers }) => enoughOf(trust, decidingCouncil(trust, policy.audience.sites), signers);
  return { old: old.policy, proved: behind.some(enough) };
}

// Whether the trust document lets this key sign: a new trust document may also be signed by the keys it brings, the
// smallest group is the works council's alone, and of councils the one that decides.
function mayHold(key, bundle) {
  if (bundle.type === GROUP_TYPE && key.signer !== "council") return false;
  const named = (trust) => trust.keys[key.signer].has(key.id) &&
    (key.signer !== "council" || trust.sites.get(key.id) === decidingCouncil(trust, sitesOf(bundle)));
  return named(bundle.trust) || (bundle.type === TRUST_TYPE && named(bundle.next));
}

// The sites that a document is for; null: no limit by this.
function sitesOf({ type, next }) {
  if (type === POLICY_TYPE) return next.audience.sites;
  return type === RESUME_TYPE ? next.sites : null;
}

// Which council has to sign, and with how many keys.
function councilSaid(bundle, words) {
  const { trust } = bundle;
  const site = decidingCouncil(trust, sitesOf(bundle));
  const name = (site === null ? "needs" : "needsSite") + (trust.quorum > 1 ? "Keys" : "");
  return filled(words[name], { site, count: trust.quorum });
}

// What the document means, in words: a verdict, what it was compared with, and lines.
function toldOf(bundle, language) {
  const words = SAID[language];
  if (bundle.type === POLICY_TYPE) return toldOfPolicy(bundle, language);
  const asked = councilSaid(bundle, words);
  const also = (verdict) => `${verdict} ${asked}`;
  if (bundle.type === TRUST_TYPE) return { verdict: also(words.trustNew), compared: "", lines: trustLines(bundle, words) };
  if (bundle.type === GROUP_TYPE) return toldOfGroup(bundle.next, words, also);
  return { verdict: also(words.resume), compared: "", lines: [resumeLine(bundle.next, words)] };
}

function toldOfPolicy(bundle, language) {
  const { old, next, beside } = bundle;
  const words = SAID[language];
  const base = bundle.proved ? old : null;
  const verdict = wider(base, next, beside) ? `${words.widens} ${councilSaid(bundle, words)}` : words.narrows;
  // That there was none before is not known where the one before is not believed.
  const lines = differenceLines(base, next, beside, language).slice(bundle.proved ? 0 : 1);
  if (old === null) return { verdict, compared: words.first, lines };
  if (!bundle.proved) return { verdict, compared: filled(words.unproved, { old: old.version }), lines };
  const between = next.version - old.version > 1;
  const gap = between ? ` ${filled(words.comparedGap, { from: old.version + 1, to: next.version - 1 })}` : "";
  return { verdict, compared: filled(words.comparedWith, { old: old.version, new: next.version }) + gap, lines };
}

// A council's key that goes to another site ends for the one and is new for the other.
function trustLines({ old, next }, words) {
  const lines = [];
  const sites = [...new Set([null, ...old.sites.values(), ...next.sites.values()])];
  const holders = SIGNERS.flatMap((signer) => (signer === "council" ? sites.map((site) => [signer, site]) : [[signer, null]]));
  for (const [signer, site] of holders) {
    const role = site === null ? words[signer] : filled(words.councilOf, { site });
    const told = (name, tone) => (id) => lines.push({ tone, text: filled(words[name], { role, id: id.slice(0, 16) }) });
    const held = (trust) => (signer === "council" ? councilOf(trust, site) : [...trust.keys[signer].keys()]);
    const [before, after] = [held(old), held(next)];
    after.filter((id) => !before.includes(id)).forEach(told("trustAdds", "more"));
    before.filter((id) => !after.includes(id)).forEach(told("trustEnds", "less"));
    after.filter((id) => before.includes(id)).forEach(told("trustStays", "same"));
  }
  if (old.quorum > 1 || next.quorum > 1) {
    const tone = next.quorum < old.quorum ? "more" : next.quorum > old.quorum ? "less" : "same";
    lines.push({ tone, text: filled(words.trustQuorum, { old: old.quorum, new: next.quorum }) });
  }
  if (old.file !== null || next.file !== null) {
    const text = next.file === null ? words.trustNoFile : filled(words.trustFile, next);
    lines.push({ tone: next.file === old.file ? "same" : "more", text });
  }
  return lines;
}

function toldOfGroup(group, words, also) {
  const smaller = group.people < group.replaces;
  const lines = [
    { tone: smaller ? "more" : "less", text: filled(words.group, group) },
    { tone: "same", text: filled(words.groupWhy, group) },
  ];
  return { verdict: also(smaller ? words.groupSmaller : words.groupLarger), compared: "", lines };
}

function resumeLine(resume, words) {
  const axes = [["site", resume.sites], ["department", resume.departments], ["country", resume.countries]];
  const named = axes.filter(([, places]) => places).map(([axis, places]) => filled(words[axis], { places: places.join(", ") }));
  const whom = named.join("; ") || words.everywhere;
  const text = filled(words.resumed, { number: resume.number, since: moment(resume.stopped), whom });
  return { tone: "more", text };
}
