// RSA blind signatures (RFC 9474, RSABSSA-SHA384-PSS-Randomized) and the tokens made with them. The server's half is
// wire/blind.py and wire/token.py; the same golden vectors hold both. Nothing here talks to anybody.
(function () {
  "use strict";
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const CODE_LETTERS = 24, HASH_BYTES = 48, SALT_BYTES = 48, PREFIX_BYTES = 32, SERIAL_BYTES = 32, EXTRA_BYTES = 16;
  const KEY_BITS = 3072, EXPONENT = 65537n;
  const LABEL = "daylight petition token 1 ";
  const text = new TextEncoder();

  function joined(...parts) {
    const all = new Uint8Array(parts.reduce(function (sum, part) { return sum + part.length; }, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  }
  function toNumber(bytes) {
    let hex = "0x0";
    for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
    return BigInt(hex);
  }
  function toBytes(number, size) {
    const hex = number.toString(16).padStart(2 * size, "0");
    return Uint8Array.from({ length: size }, function (_, at) { return parseInt(hex.substr(2 * at, 2), 16); });
  }
  function base64(bytes) { return btoa(String.fromCharCode(...bytes)); }
  function unbase64(string) { return Uint8Array.from(atob(string), function (letter) { return letter.charCodeAt(0); }); }

  function power(base, exponent, modulus) {
    let result = 1n;
    for (base %= modulus; exponent > 0n; exponent >>= 1n) {
      if (exponent & 1n) result = result * base % modulus;
      base = base * base % modulus;
    }
    return result;
  }
  function inverse(number, modulus) {
    let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
    while (b > 0n) { const quotient = a / b; [a, b, x, y] = [b, a % b, y, x - quotient * y]; }
    if (a !== 1n) throw new Error("no inverse");
    return ((x % modulus) + modulus) % modulus;
  }

  async function sha384(bytes) { return new Uint8Array(await crypto.subtle.digest("SHA-384", bytes)); }
  async function mask(seed, size) {
    const blocks = [];
    for (let counter = 0; counter * HASH_BYTES < size; counter++) {
      blocks.push(await sha384(joined(seed, toBytes(BigInt(counter), 4))));
    }
    return joined(...blocks).slice(0, size);
  }
  // EMSA-PSS-ENCODE, RFC 8017, 9.1.1
  async function encode(message, salt, bits) {
    const size = Math.ceil(bits / 8);
    const digest = await sha384(joined(new Uint8Array(8), await sha384(message), salt));
    const block = joined(new Uint8Array(size - salt.length - HASH_BYTES - 2), Uint8Array.of(1), salt);
    const masked = (await mask(digest, block.length)).map(function (byte, at) { return byte ^ block[at]; });
    masked[0] &= 0xff >> (8 * size - bits);
    return joined(masked, digest, Uint8Array.of(0xbc));
  }

  // What people compare a key by: SHA-256 of the SubjectPublicKeyInfo, in hexadecimal.
  async function fingerprint(spki) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", unbase64(spki)));
    return Array.from(digest, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }
  // A petition's key: only such a one as the ballot makes, since any other could be one for a single person.
  async function readPetitionKey(spki) {
    const key = await readKey(spki);
    if (key.bits !== KEY_BITS || key.e !== EXPONENT) throw new Error("other_key");
    return key;
  }
  // A public key as the page has it: SubjectPublicKeyInfo, base64.
  async function readKey(spki) {
    const scheme = { name: "RSA-PSS", hash: "SHA-384" };
    const key = await crypto.subtle.importKey("spki", unbase64(spki), scheme, true, ["verify"]);
    const parts = await crypto.subtle.exportKey("jwk", key);
    const numbers = ["n", "e"].map(function (name) {
      return toNumber(unbase64(parts[name].replace(/-/g, "+").replace(/_/g, "/")));
    });
    const bits = numbers[0].toString(2).length;
    return { key: key, n: numbers[0], e: numbers[1], bits: bits, size: Math.ceil(bits / 8) };
  }
  async function blind(key, prepared, salt, factor) {
    const encoded = toNumber(await encode(prepared, salt, key.bits - 1));
    return toBytes(encoded * power(factor, key.e, key.n) % key.n, key.size);
  }
  async function verifies(key, prepared, signature) {
    return crypto.subtle.verify({ name: "RSA-PSS", saltLength: SALT_BYTES }, key.key, signature, prepared);
  }
  async function finalize(key, prepared, blindSignature, factor) {
    const signature = toBytes(toNumber(blindSignature) * inverse(factor, key.n) % key.n, key.size);
    if (blindSignature.length !== key.size || !await verifies(key, prepared, signature)) throw new Error("forged");
    return signature;
  }

  // Recovery codes: 120 random bits, in letters that can be read out.
  function newCode() {
    return Array.from(crypto.getRandomValues(new Uint8Array(CODE_LETTERS)), function (byte) {
      return ALPHABET[byte & 31];
    }).join("");
  }
  function readCode(typed) {
    const code = typed.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
    if (code.length !== CODE_LETTERS || [...code].some(function (letter) { return !ALPHABET.includes(letter); })) {
      throw new Error("malformed");
    }
    return code;
  }
  function uuidBytes(id) {
    return Uint8Array.from(id.replace(/-/g, "").match(/../g), function (pair) { return parseInt(pair, 16); });
  }
  async function secret(code, petition, key) {
    const master = await crypto.subtle.importKey("raw", text.encode(code), "HKDF", false, ["deriveBits"]);
    async function part(name, size) {
      const how = { name: "HKDF", hash: "SHA-256", salt: uuidBytes(petition), info: text.encode(LABEL + name) };
      return new Uint8Array(await crypto.subtle.deriveBits(how, master, 8 * size));
    }
    const [prefix, serial, salt, factor] = [
      await part("prefix", PREFIX_BYTES), await part("serial", SERIAL_BYTES), await part("salt", SALT_BYTES),
      await part("factor", key.size + EXTRA_BYTES),
    ];
    return { prepared: joined(prefix, serial), salt: salt, factor: toNumber(factor) % key.n };
  }

  window.daylightBlind = {
    base64: base64, unbase64: unbase64, toNumber: toNumber, toBytes: toBytes, inverse: inverse, readKey: readKey,
    readPetitionKey: readPetitionKey, fingerprint: fingerprint,
    encode: encode, blind: blind, finalize: finalize, verifies: verifies, newCode: newCode, readCode: readCode,
    secret: secret,
  };
})();
