// The one byte form of everything that is signed: the same as wire/canonical.py, held to the same vectors.
"use strict";

const MAX_DEPTH = 16;
const MAX_BYTES = 1 << 20;

function canonicalText(value, depth = 0) {
  if (depth > MAX_DEPTH) throw new Error("nested too deeply");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Error("not an integer of the subset");
    return String(value);
  }
  if (typeof value === "string") {
    if (!wellFormed(value)) throw new Error("not encodable");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object") throw new Error("no canonical form");
  const names = Object.keys(value).sort();
  // eslint-disable-next-line no-control-regex
  if (names.some((name) => /[^\x00-\x7f]/.test(name))) throw new Error("keys are ASCII strings");
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalText(value[name], depth + 1)}`).join(",")}}`;
}

function wellFormed(text) {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

function canonicalBytes(value) {
  return new TextEncoder().encode(canonicalText(value));
}

// The value whose canonical form is exactly `bytes`; any other bytes are refused.
function canonicalValue(bytes) {
  if (bytes.length > MAX_BYTES) throw new Error("longer than 1 MiB");
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const value = JSON.parse(text);
  if (canonicalText(value) !== text) throw new Error("not in canonical form");
  return value;
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text) {
  if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text)) throw new Error("not hexadecimal");
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

function toBase64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (toBase64(bytes) !== text) throw new Error("base64 with more than one reading");
  return bytes;
}

async function sha256(bytes) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
