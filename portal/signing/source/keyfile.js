// A private key under a passphrase, in a file on its holder's own disk: the same file as `python -m portal sign` uses.
"use strict";

const KEY_FORMAT = "daylight-key-1";
const ITERATIONS = 600000;
const MOST_ITERATIONS = 10000000;
const SHORTEST_PASSPHRASE = 12;

async function ed25519Works() {
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

async function passphraseKey(passphrase, salt, iterations) {
  const bytes = new TextEncoder().encode(passphrase.normalize("NFC"));
  const material = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// The text of a new key file for `signer` ("officer" or "council").
async function newKeyFile(name, signer, passphrase) {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const secret = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const head = {
    format: KEY_FORMAT,
    iterations: ITERATIONS,
    iv: toHex(iv),
    name,
    public_key: toHex(raw),
    salt: toHex(salt),
    signer,
  };
  const key = await passphraseKey(passphrase, salt, ITERATIONS);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: canonicalBytes(head) }, key, secret);
  secret.fill(0);
  return canonicalText({ ...head, private_key: toHex(new Uint8Array(sealed)) });
}

// { name, signer, id, publicKey (hex), privateKey }. Throws "passphrase" when it is the wrong one, or the file was changed.
async function openKeyFile(text, passphrase) {
  const { private_key: sealed, ...head } = canonicalValue(new TextEncoder().encode(text.trim()));
  const fits = head.format === KEY_FORMAT && ["officer", "council"].includes(head.signer) &&
    Number.isSafeInteger(head.iterations) && head.iterations > 0 && head.iterations <= MOST_ITERATIONS;
  if (!fits) throw new Error("not a key file");
  const raw = fromHex(head.public_key);
  const key = await passphraseKey(passphrase, fromHex(head.salt), head.iterations);
  let secret;
  try {
    const how = { name: "AES-GCM", iv: fromHex(head.iv), additionalData: canonicalBytes(head) };
    secret = await crypto.subtle.decrypt(how, key, fromHex(sealed));
  } catch {
    throw new Error("passphrase");
  }
  const privateKey = await crypto.subtle.importKey("pkcs8", secret, "Ed25519", false, ["sign"]);
  return { name: head.name, signer: head.signer, id: await sha256(raw), publicKey: head.public_key, privateKey };
}
