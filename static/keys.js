/* Everything by keyboard; an addition, as ui.js is. The sheet of `?` tells the same (templates/horizon/help).
   1 rows, in whatever list the page has  2 what each key does  3 pressing them */
(() => {
  "use strict";
  const $ = (s, from = document) => from.querySelector(s);
  const press = (el) => el && el.click();

  // 1
  const LISTS = "main tbody tr[id]:not(.news, .peek), main article[id], main ul.items > li[id]";
  const link = (row) => $("h3 a, td.wide a", row) || $("a", row);
  const rows = () => [...document.querySelectorAll(LISTS)].filter((row) => !row.closest(".execs") && link(row));
  const current = () => rows().find((row) => row.contains(document.activeElement));
  const pick = (row) => { const box = row && $("input[name=id]", row); if (box && !box.checked) box.click(); };
  const step = (by, picking) => {
    const all = rows(), was = current(), at = all.indexOf(was);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
    if (!next) return;
    if (picking) { pick(was); pick(next); }
    link(next).focus();
    next.scrollIntoView({ block: "nearest" });
  };

  // 2
  let went = 0;
  const KEYS = {
    "/": () => { const q = $("#q") || $("main input[type=search]"); if (q) { q.focus(); q.select(); } },
    "?": () => press($("#nav a[href$='/help'][data-dialog]")),
    g: () => { went = Date.now(); },
    j: () => step(1),
    k: () => step(-1),
    J: () => step(1, true),
    K: () => step(-1, true),
    o: () => { const row = current(); if (row) press($(".more", row) || link(row)); },
    x: () => { const row = current(); if (row) press($("input[name=id]", row)); },
    r: () => press($('button[name=do]:is([value^="retry"], [value^="restore"])', current() || $("main .head") || $("main"))),
    u: () => press([...document.querySelectorAll(".toast:not([hidden]) form button")].pop()),
    p: () => press($("#pause")),
  };

  // 3: Escape leaves a field here; it closes dialogs (the browser's own doing) and menus (ui.js)
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.target.matches("input:not([type=checkbox]), select, textarea")) { if (e.key === "Escape") e.target.blur(); return; }
    if ($("dialog[open]")) return;
    const to = Date.now() - went < 1200 && [...document.querySelectorAll("a.nav")].find((a) => a.dataset.key === e.key);
    went = 0;
    if (!to && !KEYS[e.key]) return;
    e.preventDefault();
    if (to) to.click(); else KEYS[e.key]();
  });
})();
