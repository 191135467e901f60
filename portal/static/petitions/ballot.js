// The ballot card: it lives in this browser alone. The portal signs a token it cannot read, for everybody with a card and
// for every petition that runs; whether it is used, only the ballot sees, and not by whom. See /petitions/how.
(function () {
  "use strict";
  const root = document.querySelector("[data-ballot]");
  const lib = window.daylightBlind;
  if (!root || !lib || !window.crypto || !crypto.subtle) return;
  const place = "daylight.ballot." + root.dataset.who;
  const petitions = JSON.parse(root.dataset.petitions);
  const current = root.dataset.current || "";
  const say = root.querySelector("[data-say]");
  const left = root.dataset.left !== undefined, RETRY_MS = 20000;
  const keys = new Map();
  let said = "", back = false;

  function card() { return JSON.parse(localStorage.getItem(place) || "null"); }
  function keep(changed) { localStorage.setItem(place, JSON.stringify(changed)); }
  function held(id) { const mine = card(); return mine && mine.tokens[id] || null; }
  function note(id, changed) {
    const mine = card();
    if (!mine) return;
    mine.tokens[id] = Object.assign({}, mine.tokens[id], changed);
    keep(mine);
  }
  // The key must be the one that the page states for people to compare, and stay what it was before.
  async function keyOf(one) {
    if (keys.has(one.id)) return keys.get(one.id);
    const print = await lib.fingerprint(one.key), before = held(one.id) && held(one.id).key;
    const stated = one.id === current && document.querySelector("[data-fingerprint]");
    if (before && before !== print) throw new Error("other_key");
    if (stated && !print.startsWith(stated.textContent.replace(/\s/g, ""))) throw new Error("other_key");
    keys.set(one.id, await lib.readPetitionKey(one.key));
    note(one.id, { key: print });
    return keys.get(one.id);
  }
  function tell(word) { if (say) say.textContent = word ? say.dataset[word] || say.dataset.failed : ""; }

  // Ask the portal for the blind signature; it is the same one again for the same card.
  async function fetchToken(one) {
    const key = await keyOf(one);
    const own = await lib.secret(card().code, one.id, key);
    const answer = await fetch(one.issue, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
      body: JSON.stringify({ blinded: lib.base64(await lib.blind(key, own.prepared, own.salt, own.factor)) }),
    });
    const given = await answer.json().catch(function () { return {}; });
    if (!answer.ok) throw new Error(given.error || "failed");
    const signature = await lib.finalize(key, own.prepared, lib.unbase64(given.signature), own.factor);
    note(one.id, { state: "ready", signature: lib.base64(signature), asked: false });
  }
  async function tokenOf(one) {
    const own = await lib.secret(card().code, one.id, await keyOf(one));
    return { petition: one.id, prepared: lib.base64(own.prepared), signature: held(one.id).signature };
  }

  // Straight to the ballot, which gets neither cookie nor address of this page.
  async function call(name, token) {
    const answer = await fetch(root.dataset.url + "/v1/" + name, {
      method: "POST", mode: "cors", credentials: "omit", referrerPolicy: "no-referrer",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify(token),
    });
    const given = await answer.json();
    if (!answer.ok) throw new Error(given.error || "failed");
    return given;
  }
  async function handIn(one) {
    const again = Boolean(held(one.id).again);
    try {
      await call("hand-in", Object.assign(await tokenOf(one), { again: again }));
    } catch (error) {
      if (error.message === "spent") return note(one.id, { state: "spent", due: null });
      if (error.message === "taken_back") note(one.id, { state: "ready", due: null, again: true });
      if (error.message !== "used") throw error;
    }
    note(one.id, { state: "handed-in", due: null });
  }
  // Always asked of the ballot, whatever this browser believes: a copy may have been handed in from elsewhere.
  async function takeBack(one) {
    try {
      await call("take-back", await tokenOf(one));
    } catch (error) {
      if (error.message !== "spent") throw error;
      return note(one.id, { state: "spent" });
    }
    note(one.id, { state: "ready", again: true });
    if (one.id === current) back = true;
  }

  function isLastDay(one) { return new Date().toISOString().slice(0, 10) >= one.ends; }
  // Some hours from now, chosen by chance, so that the time says nothing; earlier when the petition ends, at once on its last day.
  function dueFrom(one) {
    if (isLastDay(one)) return Date.now();
    const least = Number(root.dataset.least) * 1000, most = Number(root.dataset.most) * 1000;
    const chance = crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;
    return Math.min(Date.now() + least + chance * (most - least), Date.parse(one.ends) + 20 * 3600 * 1000);
  }

  const acts = {
    make: async function () {
      const code = lib.newCode();
      keep({ code: code, tokens: {} });
      root.querySelector("[data-code]").textContent = code.match(/.{4}/g).join("-");
      show("code");
      await collect();
      tell("made");
    },
    written: async function () { await refresh(); tell("kept"); },
    enter: async function (form) {
      const code = lib.readCode(new FormData(form).get("code"));
      keep({ code: code, tokens: {}, entered: true });
      form.reset();
      await collect();
      await refresh();
    },
    forget: async function () { localStorage.removeItem(place); await refresh(); },
    sign: async function () {
      const one = here();
      note(one.id, { state: "waiting", due: dueFrom(one) });
      if (isLastDay(one)) await handIn(one).finally(refresh);
      else await refresh();
      tell(isLastDay(one) ? "now" : "signed");
    },
    "take-back": async function () {
      const one = here();
      note(one.id, { state: "taking-back", due: null });
      await refresh();
      await deliver();
    },
  };
  function here() { return petitions.find(function (one) { return one.id === current; }); }

  function show(name) {
    for (const part of root.querySelectorAll("[data-show]")) part.hidden = !part.dataset.show.split(" ").includes(name);
  }
  async function draw(one) {
    const frame = root.querySelector("[data-qr]");
    if (!frame || frame.childElementCount) return;
    const token = await tokenOf(one);
    const safe = function (text) { return text.replace(/\+/g, "-").replace(/\//g, "_"); };
    const address = root.dataset.url + "/#" + [one.id, safe(token.prepared), safe(token.signature)].concat(held(one.id).again ? "again" : []).join(".");
    root.querySelector("[data-link]").href = address;
    const code = qrcode(0, "L");
    code.addData(address);
    code.make();
    const size = code.getModuleCount(), name = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(name, "svg"), dots = document.createElementNS(name, "path");
    let line = "";
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (code.isDark(y, x)) line += "M" + (x + 4) + " " + (y + 4) + "h1v1h-1z";
    svg.setAttribute("viewBox", "0 0 " + (size + 8) + " " + (size + 8));
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", frame.dataset.label);
    dots.setAttribute("d", line);
    svg.append(dots);
    frame.append(svg);
  }

  // Tokens for every petition that runs, whether it will be signed or not: having one tells nothing.
  async function collect() {
    if (left) return;
    for (const one of petitions) {
      const mine = held(one.id);
      if (mine && mine.signature) continue;
      try {
        await fetchToken(one);
      } catch (error) {
        if (one.id !== current && error.message !== "other_key") continue;
        if (error.message === "issued") note(one.id, { state: "elsewhere" });
        else if (error.message === "spent") note(one.id, { state: "spent" });
        else said = error.message;
      }
    }
  }
  // What is due goes to the ballot; what it has not answered is asked again, while the page is open and at each visit.
  async function deliver() {
    let waits = false;
    for (const one of petitions) {
      const mine = held(one.id), state = mine && mine.state;
      const due = state === "waiting" && mine.due <= Date.now() && !left;
      if (state !== "taking-back" && !due) continue;
      try {
        await (due ? handIn(one) : takeBack(one));
      } catch (error) {
        waits = waits || state === "taking-back";
        if (one.id === current && due) said = error.message;
      }
    }
    if (waits) window.setTimeout(deliver, RETRY_MS);
    await refresh();
  }
  async function recall(one) {
    const mine = card();
    if (!mine || !mine.entered || !held(one.id) || held(one.id).state !== "ready" || held(one.id).asked) return;
    const there = (await call("counted", await tokenOf(one))).counted;
    note(one.id, there ? { state: "handed-in", asked: true } : { asked: true });
  }
  async function refresh() {
    tell(back ? "back" : said);
    said = "";
    back = false;
    const one = here(), mine = card();
    if (!mine) return show("none");
    if (!one) return show(current ? "no-key" : "ready");
    if (left) return show(held(one.id) && held(one.id).signature ? "left-" + held(one.id).state : "none");
    try { await recall(one); } catch (error) { tell(error.message); }
    const token = held(one.id);
    show(token && token.state || "no-token");
    if (token && token.state === "waiting") {
      const due = root.querySelector("[data-due]");
      due.textContent = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(token.due);
      await draw(one);
    }
  }

  // The next step is where one goes on: its heading gets the focus, since the button that was pressed is gone.
  function goOn() {
    const step = root.querySelector("[data-show]:not([hidden]) [data-step]");
    if (step) step.focus();
  }
  async function run(name, form) {
    root.setAttribute("aria-busy", "true");
    try { await acts[name](form); if (name !== "enter" || card()) goOn(); } catch (error) { tell(error.message); }
    root.removeAttribute("aria-busy");
  }
  root.addEventListener("click", function (event) {
    const button = event.target.closest("button[data-act]");
    if (button) run(button.dataset.act, null);
  });
  root.addEventListener("submit", function (event) {
    event.preventDefault();
    run("enter", event.target);
  });

  // Who signs with the name gives the token up at the ballot, whose ticket says so to the portal: the portal never gets
  // a token. While an unnamed signature is on its way or counted, nothing is sent at all.
  const ON_ITS_WAY = ["waiting", "handed-in", "taking-back"];
  async function giveUp(one) {
    if (ON_ITS_WAY.includes(held(one.id).state)) throw new Error("used");
    try {
      const given = await call("give-up", await tokenOf(one));
      note(one.id, { state: "spent" });
      return given.ticket;
    } catch (error) {
      if (error.message === "used") note(one.id, { state: "handed-in" });
      throw error;
    }
  }
  document.addEventListener("submit", async function (event) {
    const form = event.target.closest("form[data-named]");
    const one = form && petitions.find(function (each) { return each.id === form.dataset.named; });
    if (!one || !held(one.id) || !held(one.id).signature) return;
    event.preventDefault();
    try {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "ticket";
      field.value = await giveUp(one);
      form.append(field);
      form.submit();
    } catch (error) {
      await refresh();
      tell(error.message);
      say.focus();
    }
  });

  (async function () {
    root.hidden = false;
    for (const part of document.querySelectorAll("[data-without]")) part.hidden = true;
    try {
      if (card()) { await collect(); await deliver(); }
      else await refresh();
    } catch (error) {
      tell(error.message);
    }
    root.dataset.settled = "true";
  })();
})();
