// /policy: check the signed policy in this browser, from the two documents alone.
"use strict";

(async () => {
  const card = document.getElementById("verify");
  const button = document.getElementById("verify-now");
  const said = document.getElementById("verified");
  const words = card.dataset;
  const say = (sentence, look) => {
    said.textContent = sentence;
    said.className = look;
    said.hidden = false;
  };
  const fetched = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };
  const verify = async () => {
    try {
      const trust = await openTrust(await fetched(words.trust));
      const { policy, signers } = await openPolicy(await fetched(words.policy), trust);
      const officer = signers.some((id) => trust.keys.officer.has(id)) ? [words.officer] : [];
      const councils = [...new Set(trust.sites.values())].filter((site) => enoughOf(trust, site, signers));
      const names = councils.map((site) => (site === null ? words.council : words.site.replace("{site}", () => site)));
      const told = words.good.replace("{version}", policy.version).replace("{fingerprint}", trust.fingerprint);
      say(told.replace("{signers}", () => [...officer, ...names].join(", ")), "less");
    } catch (error) {
      const unable = error.name === "NotSupportedError" || error.name === "TypeError";
      say(unable ? words.unable : words.bad.replace("{why}", error.message), "more-capture");
    }
  };
  button.hidden = false;
  button.addEventListener("click", verify);
})();
