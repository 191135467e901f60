// DSSE envelopes with Ed25519, as wire/dsse.py makes and checks them. Fails closed.
"use strict";

const FIELD = 2n ** 255n - 19n;
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n;
const SMALL_ORDER = [0n, 1n, FIELD - 1n, ORDER_8, FIELD - ORDER_8];
const MAX_SIGNATURES = 8;

function isPublicKey(raw) {
  const number = BigInt(`0x${toHex(raw.slice().reverse()) || "0"}`);
  const height = (number & (2n ** 255n - 1n)) % FIELD;
  return raw.length === 32 && !SMALL_ORDER.includes(height);
}

// What is really signed.
function preAuthentication(type, payload) {
  const encode = (text) => new TextEncoder().encode(text);
  const kind = encode(type);
  const parts = [encode(`DSSEv1 ${kind.length} `), kind, encode(` ${payload.length} `), payload];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function signedEnvelope(type, payload, key) {
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, preAuthentication(type, payload)));
  return canonicalText({
    payload: toBase64(payload),
    payloadType: type,
    signatures: [{ keyid: key.id, sig: toBase64(signature) }],
  });
}

function hasKeys(value, names) {
  return (
    value !== null && typeof value === "object" && !Array.isArray(value) &&
    Object.keys(value).sort().join() === [...names].sort().join()
  );
}

function parsedEnvelope(text) {
  const parsed = canonicalValue(new TextEncoder().encode(text));
  if (!hasKeys(parsed, ["payload", "payloadType", "signatures"])) throw new Error("not an envelope");
  const entries = parsed.signatures;
  if (!Array.isArray(entries) || entries.length > MAX_SIGNATURES) throw new Error("signatures are not a short list");
  if (!entries.every((entry) => hasKeys(entry, ["keyid", "sig"]))) throw new Error("not a signature");
  const texts = [parsed.payload, parsed.payloadType, ...entries.flatMap((entry) => [entry.keyid, entry.sig])];
  if (!texts.every((part) => typeof part === "string")) throw new Error("a field is not text");
  return parsed;
}

// The payload, unchecked: to show or to hash, never to obey.
function payloadOf(text) {
  return fromBase64(parsedEnvelope(text).payload);
}

// The payload and the ids of its signers; `keys`: key id → raw public key. Any one wrong signature refuses all.
async function verifiedEnvelope(text, type, keys) {
  const parsed = parsedEnvelope(text);
  if (parsed.payloadType !== type) throw new Error("another payload type");
  const payload = fromBase64(parsed.payload);
  const message = preAuthentication(type, payload);
  const signers = [];
  for (const entry of parsed.signatures) signers.push(await checkedSigner(entry, message, keys));
  if (signers.length === 0 || new Set(signers).size !== signers.length) throw new Error("no signature, or a key id twice");
  return { payload, signers };
}

async function checkedSigner(entry, message, keys) {
  const raw = keys.get(entry.keyid);
  if (!raw || (await sha256(raw)) !== entry.keyid || !isPublicKey(raw)) throw new Error("signed by an unknown key");
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", true, ["verify"]);
  if (!(await crypto.subtle.verify("Ed25519", key, fromBase64(entry.sig), message))) throw new Error("a signature is wrong");
  return entry.keyid;
}
