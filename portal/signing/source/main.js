// The page: open a key, show what a file from the portal would change, sign it.
"use strict";

const at = (id) => document.getElementById(id);
const now = { language: "en", key: null, bundle: null };

function say(name, values = {}) {
  return filled(SAID[now.language][name], values);
}

function speak(language) {
  now.language = language;
  document.documentElement.lang = language;
  for (const part of document.querySelectorAll("[data-say]")) part.textContent = say(part.dataset.say);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  showKey();
  showBundle();
}

function warn(id, sentence) {
  at(id).textContent = sentence;
  at(id).hidden = sentence === "";
}

function offer(link, name, text) {
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
}

function showKey(sentence, state = now.key ? "open" : "none") {
  const key = now.key;
  at("key-state").dataset.state = state;
  const opened = key ? say("open", { name: key.name, role: say(key.signer), id: key.id.slice(0, 16) }) : "";
  at("key-state").textContent = sentence ?? opened;
  at("key-state").className = key && !sentence ? "notice good" : sentence ? "notice" : "";
  ready();
}

function ready() {
  const both = now.key !== null && now.bundle !== null;
  at("sign").hidden = !both;
  at("not-yet").hidden = both;
  at("signed").hidden = true;
  warn("sign-problem", "");
}

async function openKey(event) {
  event.preventDefault();
  now.key = null;
  showKey(say("opening"), "opening");
  try {
    now.key = await openKeyFile(await at("key-file").files[0].text(), at("passphrase").value);
    at("passphrase").value = "";
    showKey();
  } catch (error) {
    showKey(say(error.message === "passphrase" ? "wrongPassphrase" : "noKeyFile"), "refused");
  }
}

async function makeKey(event) {
  event.preventDefault();
  const passphrase = at("new-passphrase");
  at("again").setCustomValidity(passphrase.value === at("again").value ? "" : say("differ"));
  if (!at("again").reportValidity()) return;
  const signer = document.querySelector("input[name=signer]:checked").value;
  const name = at("new-name").value.trim();
  const text = await newKeyFile(name, signer, passphrase.value);
  offer(at("key-download"), `daylight-${signer}-key.json`, text);
  const publicKey = JSON.parse(text).public_key;
  at("public-key").value = publicKey;
  passphrase.value = at("again").value = "";
  at("made").hidden = false;
  at("key-download").focus();
}

async function openBundle() {
  now.bundle = null;
  const file = at("bundle").files[0];
  try {
    now.bundle = file ? await readBundle(await file.text()) : null;
    warn("bundle-problem", "");
  } catch (error) {
    warn("bundle-problem", say("noBundle", { why: error.message }));
  }
  showBundle();
}

function showBundle() {
  const bundle = now.bundle;
  at("shown").hidden = bundle === null;
  ready();
  if (bundle === null) return;
  const told = toldOf(bundle, now.language);
  at("verdict").textContent = told.verdict;
  at("compared").textContent = told.compared;
  at("lines").replaceChildren(...told.lines.map(lineElement));
  at("hash").textContent = bundle.hash;
  at("fingerprint").textContent = bundle.trust.fingerprint;
  at("signing-file").textContent = bundle.trust.file ?? say("noSigningFile");
  at("whole").textContent = JSON.stringify(JSON.parse(new TextDecoder().decode(bundle.payload)), null, 2);
}

function lineElement({ tone, text }) {
  const element = document.createElement("li");
  const sign = { more: "▲ ", less: "▼ ", same: "● " }[tone];
  element.className = tone;
  element.textContent = sign + text;
  return element;
}

async function sign(event) {
  event.preventDefault();
  const { key, bundle } = now;
  if (!mayHold(key, bundle)) return warn("sign-problem", say("notYours"));
  warn("sign-problem", "");
  const envelope = await signedEnvelope(bundle.type, bundle.payload, key);
  at("envelope").value = envelope;
  offer(at("envelope-download"), `daylight-signature-${bundle.hash.slice(0, 8)}-${key.signer}.json`, envelope);
  at("signed").hidden = false;
  at("envelope-download").focus();
}

async function copy() {
  at("envelope").select();
  try {
    await navigator.clipboard.writeText(at("envelope").value);
  } catch {
    document.execCommand("copy");
  }
  at("copied").textContent = say("copied");
}

async function begin() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => speak(button.dataset.language));
  }
  at("open-key").addEventListener("submit", openKey);
  at("make-key").addEventListener("submit", makeKey);
  at("again").addEventListener("input", () => at("again").setCustomValidity(""));
  at("bundle").addEventListener("change", openBundle);
  at("sign").addEventListener("submit", sign);
  at("copy").addEventListener("click", copy);
  speak(navigator.language.startsWith("de") ? "de" : "en");
  at("unable").hidden = await ed25519Works();
}

begin();
