// The token stands behind the `#` of the address, which no browser sends to any server. It goes there by the click only.
(function () {
  "use strict";
  const [petition, prepared, signature, again] = window.location.hash.slice(1).split(".");
  const button = document.getElementById("hand-in");
  const said = document.getElementById("said");
  if (!petition || !prepared || !signature) return;
  history.replaceState(null, "", "/");
  document.getElementById("none").hidden = true;
  button.hidden = false;
  const plain = function (text) { return text.replace(/-/g, "+").replace(/_/g, "/"); };
  button.addEventListener("click", async function () {
    button.disabled = true;
    let word = "failed";
    try {
      const answer = await fetch("/v1/hand-in", {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          petition: petition, prepared: plain(prepared), signature: plain(signature), again: again === "again",
        }),
      });
      word = answer.ok ? "done" : (await answer.json()).error;
    } catch (_error) {
      word = "failed";
    }
    said.textContent = said.dataset[word] || said.dataset.failed;
    button.hidden = !["failed", "unavailable", "no_box"].includes(word);
    button.disabled = false;
  });
})();
