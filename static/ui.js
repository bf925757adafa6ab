/* What pages cannot do by themselves. All of it is an addition: without it every page still works.
   1 theme and time zone, in cookies  2 live updates: paused, hidden, stale  3 what a refresh must not touch
   4 dialogs, toasts, copy  5 ages  6 keys  7 selection  8 opened rows  9 menus */
(() => {
  "use strict";
  const root = document.documentElement, $ = (s, from = document) => from.querySelector(s);
  root.classList.add("js");
  const keep = (name, value) => {
    document.cookie = `${name}=${value};path=${root.dataset.root || "/"};max-age=31536000;samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
  };
  const refresh = () => $("#live[data-live]") && htmx.trigger(document.body, "horizon:refresh");
  const use = (icon, name) => { const u = $("use", icon); u.setAttribute("href", u.getAttribute("href").replace(/#.*/, "#" + name)); };

  // 1
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && zone !== root.dataset.tz) { keep("horizon_tz", zone); setTimeout(refresh); }
  const THEMES = { auto: ["dark", "auto"], dark: ["light", "moon"], light: ["auto", "sun"] };
  document.addEventListener("submit", (e) => {
    if (e.target.id !== "theme") return;
    e.preventDefault();
    const button = $("button", e.target), theme = button.value;
    keep("horizon_theme", theme);
    root.dataset.theme = theme;
    button.value = THEMES[theme][0];
    button.setAttribute("aria-label", "Theme: " + theme);
    use(button, THEMES[theme][1]);
  });

  // 2
  let paused = false, last = Date.now(), stale = false;
  const pause = (on) => {
    const button = $("#pause");
    paused = on;
    button.setAttribute("aria-pressed", on);
    button.setAttribute("aria-label", on ? "Resume live updates" : "Pause live updates");
    use(button, on ? "play" : "pause");
    if (!on) refresh();
  };
  const fresh = (on, why) => {
    const banner = $("#stale");
    if (!banner || on === !stale) { if (on) last = Date.now(); return; }
    stale = !on;
    if (on) last = Date.now();
    else $(".say", banner).textContent = `${why} These figures are from ${new Date(last).toLocaleTimeString()}; trying again.`;
    banner.hidden = on;
    document.body.classList.toggle("stale-on", stale);
  };
  const isLive = (e) => e.detail.elt && e.detail.elt.id === "live";
  document.addEventListener("htmx:beforeRequest", (e) => {
    const asked = e.detail.requestConfig.triggeringEvent;
    if (isLive(e) && (document.hidden || paused) && !(asked && asked.type === "horizon:refresh")) e.preventDefault();
  });
  // what follows from somebody's own doing is read anew, whoever else looks at the moment
  document.addEventListener("htmx:configRequest", (e) => {
    const asked = e.detail.triggeringEvent;
    if (isLive(e) && asked && asked.type === "horizon:refresh") e.detail.headers["Horizon-Afresh"] = "1";
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !paused) refresh(); });
  document.addEventListener("htmx:afterRequest", (e) => {
    if (isLive(e) && e.detail.successful) fresh(true);
    const toast = e.detail.elt && e.detail.elt.closest(".toast[hidden]");
    if (toast) setTimeout(() => toast.remove(), 500);
  });
  const lost = (e) => {
    const status = e.detail.xhr ? e.detail.xhr.status : 0;
    if (isLive(e)) {
      if (status === 404 || status === 400) return;
      fresh(false, status === 401 || status === 403 ? "You are signed out; reload." : status === 503 ? "The store does not answer." : status ? "The server has a problem." : "The server does not answer.");
    } else say(status ? `That was refused (error ${status}).` : "The server does not answer; try again.");
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, lost);

  // 3: what somebody opened, ticked or typed is theirs, and a refresh leaves it alone
  // (not by Idiomorph's ignoreActiveValue: with it a focused button, too, keeps its old value under its new label)
  const THEIRS = { open: "DETAILS", checked: "INPUT", selected: "OPTION" };
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, el) => !(THEIRS[name] === el.tagName ||
    (name === "value" && /^(text|search|datetime-local)$/.test(el.type) && (el === document.activeElement || el.value !== el.defaultValue)));

  // 4
  const toasts = $("#toasts"), dialog = $("#dialog");
  const fade = (toast, after) => setTimeout(() => {
    // a hidden one waits for its answer: htmx finds no place for the answer to a form that is gone
    if (toast.isConnected && (toast.matches(":hover, :focus-within") || toast.hidden)) fade(toast, 2000); else toast.remove();
  }, after);
  if (toasts) {
    new MutationObserver((all) => all.forEach((m) => m.addedNodes.forEach((n) => n.nodeType === 1 && fade(n, $("form", n) ? 12000 : 7000)))).observe(toasts, { childList: true });
    for (const toast of toasts.children) fade(toast, 12000);
  }
  const say = (text) => {
    const toast = document.createElement("div");
    toast.className = "toast wrong";
    toast.textContent = text;
    toasts.append(toast);
  };
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target === dialog) { if (!dialog.open) dialog.showModal(); }
    else if (e.detail.target === toasts) { if (dialog.open) dialog.close(); for (const box of picks()) box.checked = false; picked(); }
  });
  const ask = (url) => htmx.ajax("GET", url, "#dialog");
  document.addEventListener("click", (e) => {
    const at = (s) => e.target.closest(s);
    let el;
    if ((el = at("[data-copy]"))) {
      navigator.clipboard.writeText(el.dataset.copy).then(() => { use(el, "check"); setTimeout(() => use(el, "copy"), 1500); }, () => say("This browser does not allow copying."));
    } else if ((el = at("[data-close]"))) {
      if (el.closest("dialog")) { e.preventDefault(); dialog.close(); } else if (el.closest(".toast")) el.closest(".toast").remove();
    } else if ((el = at("a[data-dialog]")) && !e.metaKey && !e.ctrlKey) { e.preventDefault(); ask(el.href); }
    else if (at("#pause")) pause(!paused);
    else if (e.target === dialog) dialog.close();
    else if ((el = at(".toast form button"))) { const toast = el.closest(".toast"); setTimeout(() => { toast.hidden = true; }); }
  });

  // 5: the same words as the server's `relative`
  setInterval(() => {
    const live = $("#live[data-at]");
    if (!live || document.hidden) return;
    for (const el of document.querySelectorAll("time.ago")) {
      const gap = (Date.now() - Date.parse(el.dateTime)) / 1000, s = Math.floor(Math.abs(gap));
      const text = s < 2 ? (gap >= 0 ? "just now" : "now") : (([n, u]) => (gap >= 0 ? `${n} ${u} ago` : `in ${n} ${u}`))(
        s < 60 ? [s, "s"] : s < 3600 ? [Math.floor(s / 60), "min"] : s < 86400 ? [Math.floor(s / 3600), "h"] : [Math.floor(s / 86400), "d"]);
      if (el.textContent !== text) el.textContent = text;
    }
  }, 1000);

  // 6
  let went = 0;
  const rows = () => [...document.querySelectorAll("table.jobs tbody tr[id]:not(.news, .peek)")];
  const current = () => document.activeElement.closest("table.jobs tbody tr[id]");
  const step = (by, picking) => {
    const was = current(), all = rows(), at = all.indexOf(current()), next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
    if (next) { const link = $("a", next); link.focus(); link.scrollIntoView({ block: "nearest" }); }
    if (picking) for (const row of [was, next]) { const box = row && $("input[name=id]", row); if (box && !box.checked) { box.checked = true; from = box.value; } }
    if (picking) picked();
  };
  const KEYS = {
    "/": () => { const q = $("#q"); if (q) { q.focus(); q.select(); } },
    "?": () => ask(`${root.dataset.root}/help`),
    j: () => step(1), k: () => step(-1), J: () => step(1, true), K: () => step(-1, true),
    o: () => { const more = current() && $(".more", current()); if (more) more.click(); },
    p: () => pause(!paused), g: () => { went = Date.now(); },
    x: () => { const box = current() && $("input[name=id]", current()); if (box) box.click(); },
    r: () => { const button = $('button[name=do][value^="retry"]', current() || $("main .head") || document.body); if (button) button.click(); },
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.matches("input:not([type=checkbox]), select, textarea")) { if (e.key === "Escape") e.target.blur(); return; }
    if (dialog && dialog.open) return;
    if (Date.now() - went < 1200) {
      went = 0;
      const link = [...document.querySelectorAll("a.nav")].find((a) => a.dataset.key === e.key);
      if (link) { e.preventDefault(); link.click(); }
    } else if (KEYS[e.key]) { e.preventDefault(); KEYS[e.key](); }
  });

  // 7: single rows by their box, a range with shift, the page by the box on top
  const boxes = () => [...document.querySelectorAll("input[name=id][type=checkbox]")];
  const picks = () => document.querySelectorAll("input[name=id][type=checkbox]:checked");
  const picked = () => {
    const label = $("#picked"), n = picks().length, all = $("#pick-all"), match = $("#all-match");
    if (match && !n) match.checked = false;
    if (label) label.textContent = match && match.checked ? "All that match" : `${n} selected`;
    if (all) { all.checked = n > 0 && n === boxes().length; all.indeterminate = n > 0 && !all.checked; }
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

  // 8: a row opens where it stands; the address says which rows are open, and the page that asks for news asks for them too
  document.addEventListener("submit", (e) => {
    const live = $("#live[data-live]");
    if (e.target.id !== "peek" || !live || !e.submitter) return;
    e.preventDefault();
    const asked = new URLSearchParams(new FormData(e.target));
    if (e.submitter.value) asked.set("open", e.submitter.value);
    const url = `${e.target.getAttribute("action")}${asked.size ? "?" + asked : ""}`, row = e.submitter.closest("tr").id;
    history.replaceState(history.state, "", url);
    htmx.ajax("GET", url, { source: live, target: live, swap: "morph:outerHTML", event: new Event("horizon:refresh") })
      .then(() => { const opener = document.querySelector(`[id="${row}"] .more`); if (opener) opener.focus(); });
  });

  // 9: menus close like menus
  const shut = (but) => { for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== but) menu.open = false; };
  document.addEventListener("click", (e) => shut(e.target.closest("details.menu")));
  document.addEventListener("keydown", (e) => {
    const menu = e.key === "Escape" && e.target.closest && e.target.closest("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  });
})();
