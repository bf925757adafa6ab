/* Rows of lists; an addition, as ui.js is.
   1 selecting them: one by its box, a range with shift, the page by the box on top  2 opening them where they stand */
(() => {
  "use strict";
  const $ = (s) => document.querySelector(s), t = window.horizonSays;
  if (!t) return;  // ui.js, which brings the words, did not come

  // 1
  const boxes = () => [...document.querySelectorAll("input[name=id][type=checkbox]")];
  const picked = () => {
    const label = $("#picked"), n = boxes().filter((box) => box.checked).length, all = $("#pick-all"), match = $("#all-match");
    if (match && !n) match.checked = false;
    if (label) label.textContent = match && match.checked ? t("All that match") : t("{n} selected", { n });
    told(match && match.checked ? +match.dataset.n || 0 : n);
    if (all) { all.checked = n > 0 && n === boxes().length; all.indeterminate = n > 0 && !all.checked; }
  };
  // the buttons say how many they are about, where that is known: the words of one, and of many, come with them
  const told = (n) => {
    for (const button of document.querySelectorAll(".bulk button[data-many]")) {
      button.dataset.none ??= button.textContent;
      const words = !n ? button.dataset.none : n === 1 ? button.dataset.one : button.dataset.many.replace("{n}", n.toLocaleString(document.documentElement.lang || "en"));
      if (button.textContent !== words) button.textContent = words;
    }
    const pair = $(".bulk button[value=compare]");
    if (pair) pair.disabled = n > 0 && n !== 2;
  };
  let from = null;
  document.addEventListener("click", (e) => {
    if (e.target.name !== "id" || e.target.type !== "checkbox") return;
    const all = boxes(), a = all.findIndex((box) => box.value === from), b = all.indexOf(e.target);
    if (e.shiftKey && a >= 0) for (const box of all.slice(Math.min(a, b), Math.max(a, b) + 1)) box.checked = e.target.checked;
    from = e.target.value;
    picked();
  });
  document.addEventListener("change", (e) => {
    if (e.target.id === "pick-all") for (const box of boxes()) box.checked = e.target.checked;
    if (e.target.name === "id" || /^(pick-all|all-match)$/.test(e.target.id)) picked();
  });
  document.addEventListener("htmx:afterSettle", picked);
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target.id !== "toasts") return;
    for (const box of boxes()) box.checked = false;
    picked();
  });

  // 2: the address says which rows are open, and the page that asks for news asks for them too
  document.addEventListener("submit", (e) => {
    const live = $("#live[data-live]");
    if (e.target.id !== "peek" || !live || !e.submitter) return;
    e.preventDefault();
    const asked = new URLSearchParams(new FormData(e.target));
    const { name, value } = e.submitter, open = asked.getAll("open").filter((id) => id !== value);
    asked.delete("open");
    for (const id of name === "open" ? [...open, value] : open) asked.append("open", id);
    const url = `${e.target.getAttribute("action")}${asked.size ? "?" + asked : ""}`, row = e.submitter.closest("tr").id;
    history.replaceState(history.state, "", url);
    const ask = () => htmx.ajax("GET", url, { source: live, target: live, swap: "morph:outerHTML", event: new Event("horizon:refresh") })
      .then(() => { const opener = $(`[id="${row}"] .more`); if (opener) opener.focus(); });
    // what waits behind a refresh is lost with it where that one brings something new
    if (live.classList.contains("htmx-request")) live.addEventListener("htmx:afterRequest", () => setTimeout(ask), { once: true });
    else ask();
  });
})();
