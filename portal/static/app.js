// What plain HTML cannot do. Every page works without this file.
(function () {
  "use strict";
  const token = document.querySelector('meta[name="csrf-token"]');

  document.addEventListener("htmx:configRequest", function (event) {
    if (event.detail.verb !== "get" && token) event.detail.headers["X-CSRFToken"] = token.content;
  });

  // A refusal comes as a whole page: its content takes the place of ours, so that what happened is read, not guessed.
  document.addEventListener("htmx:responseError", function (event) {
    const xhr = event.detail.xhr;
    if (event.detail.requestConfig.verb === "get") {
      if (xhr.status === 401 || xhr.status === 403) window.location.reload();
      return;
    }
    const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const main = document.querySelector("main");
    main.replaceChildren(...(answer.querySelector("main") || answer.body).childNodes);
    main.focus();
  });

  document.addEventListener("htmx:sendError", function () {
    const offline = document.getElementById("offline");
    const messages = document.getElementById("messages");
    if (offline && messages) messages.replaceChildren(offline.content.cloneNode(true));
  });

  // Counters: `data-since` holds the seconds that had passed when the server wrote the page.
  const born = new WeakMap();
  setInterval(function () {
    for (const counter of document.querySelectorAll("[data-since]")) {
      if (!born.has(counter)) born.set(counter, performance.now());
      const passed = Number(counter.dataset.since) + (performance.now() - born.get(counter)) / 1000;
      counter.textContent = Math.floor(passed) + " s";
    }
  }, 250);

  // What changed is said once, however often the part is fetched again.
  const voice = document.getElementById("voice");
  let said = "";
  function say() {
    const news = document.querySelector("[data-announce]");
    const text = news ? news.textContent.trim() : "";
    if (voice && text !== said) voice.textContent = text;
    said = text;
  }

  // After an act, the focus goes to what it brought, unless htmx could keep it where it was.
  document.addEventListener("htmx:afterSettle", function (event) {
    say();
    if (document.activeElement && document.activeElement !== document.body) return;
    const next = event.detail.elt.querySelector("[data-focus]");
    if (next && event.detail.requestConfig.verb !== "get") next.focus();
  });

  // One open menu at a time; Escape and a click elsewhere close it.
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  }
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    const open = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  if (document.querySelector("[data-announce]")) said = document.querySelector("[data-announce]").textContent.trim();
})();
