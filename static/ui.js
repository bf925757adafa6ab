/* What pages cannot do by themselves. All of it is an addition: without it every page still works.
   1 theme and time zone, in cookies  2 live updates: paused, hidden, stale  3 what a refresh must not touch
   4 dialogs, toasts, copy  5 ages  6 menus  7 where somebody was. Keys are in keys.js, rows of lists in rows.js. */
(() => {
  "use strict";
  const root = document.documentElement, $ = (s, from = document) => from.querySelector(s);
  root.classList.add("js");
  // what is said here in the page's language: a script of its own brings the words; in English there is none
  const words = window.horizonWords || {};
  const t = window.horizonSays = (text, put = {}) => (words[text] || text).replace(/\{(\w+)\}/g, (_, name) => put[name]);
  const keep = (name, value) => {
    document.cookie = `${name}=${value};path=${root.dataset.root || "/"};max-age=31536000;samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
  };
  const refresh = () => $("#live[data-live]") && htmx.trigger(document.body, "horizon:refresh");
  const use = (icon, name) => { const u = $("use", icon); u.setAttribute("href", u.getAttribute("href").replace(/#.*/, "#" + name)); };

  // 1 (asked for anew when htmx listens: it does so from then on)
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && zone !== root.dataset.tz && !("tzFixed" in root.dataset)) { keep("horizon_tz", zone); document.addEventListener("DOMContentLoaded", refresh); }
  const THEMES = { auto: ["dark", "auto"], dark: ["light", "moon"], light: ["auto", "sun"] };
  document.addEventListener("submit", (e) => {
    if (e.target.id !== "theme") return;
    e.preventDefault();
    const button = $("button", e.target), theme = button.value;
    keep("horizon_theme", theme);
    root.dataset.theme = theme;
    button.value = THEMES[theme][0];
    button.setAttribute("aria-label", t("Theme: {theme}", { theme: t(theme) }));
    use(button, THEMES[theme][1]);
  });

  // 2
  let paused = false, last = Date.now(), stale = false, left = 0;
  const pause = (on) => {
    const button = $("#pause");
    paused = on;
    button.setAttribute("aria-pressed", on);
    button.setAttribute("aria-label", t(on ? "Resume live updates" : "Pause live updates"));
    use(button, on ? "play" : "pause");
    if (!on) refresh();
  };
  const fresh = (on, why) => {
    const banner = $("#stale");
    if (!banner || on === !stale) { if (on) last = Date.now(); return; }
    stale = !on;
    if (on) last = Date.now();
    else $(".say", banner).textContent = `${t(why)} ${t("These figures are from {time}; trying again.", { time: new Date(last).toLocaleTimeString(root.lang, { hourCycle: "h23", timeZone: "tzFixed" in root.dataset ? root.dataset.tz : undefined }) })}`;
    banner.hidden = on;
    document.body.classList.toggle("stale-on", stale);
  };
  const isLive = (e) => e.detail.elt && e.detail.elt.id === "live";
  document.addEventListener("htmx:beforeRequest", (e) => {
    const asked = e.detail.requestConfig.triggeringEvent;
    if (isLive(e) && (document.hidden || paused || Date.now() < left) && !(asked && asked.type === "horizon:refresh")) e.preventDefault();
  });
  // a page that is being left for the answer to a plain form asks for no news: what it shows may just have been removed
  document.addEventListener("submit", (e) => { if (e.target.method === "post" && !e.target.hasAttribute("hx-post") && !e.defaultPrevented) left = Date.now() + 10000; });
  // what follows from somebody's own doing is read anew, whoever else looks at the moment
  document.addEventListener("htmx:configRequest", (e) => {
    const asked = e.detail.triggeringEvent;
    if (isLive(e) && asked && asked.type === "horizon:refresh") e.detail.headers["Horizon-Afresh"] = "1";
    // a list of jobs has their ids in its form already
    const rows = $("#acts [name=rows]"), kept = e.detail.headers["Horizon-Rows"];
    if (isLive(e) && rows && kept && kept.startsWith(".")) e.detail.headers["Horizon-Rows"] = rows.value + kept;
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !paused) refresh(); });
  // what waits behind a refresh is lost with it where that one brings something new: then it is asked for once more
  let owed = false;
  document.body.addEventListener("horizon:refresh", () => { owed = Boolean($("#live.htmx-request")); });
  document.addEventListener("htmx:beforeRequest", (e) => { if (isLive(e) && (e.detail.requestConfig.triggeringEvent || {}).type === "horizon:refresh") owed = false; });
  document.addEventListener("htmx:afterRequest", (e) => { if (isLive(e)) setTimeout(() => owed && refresh()); });
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
    } else say(t({ 0: "The server does not answer; try again.", 401: "You are signed out; reload the page.", 503: "The store does not answer, so nothing was changed; try again." }[status] || "That was refused (error {status}).", { status }));
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, lost);

  // 3: what somebody opened, ticked or typed is theirs, and a refresh leaves it alone
  // (not by Idiomorph's ignoreActiveValue: with it a focused button, too, keeps its old value under its new label)
  const THEIRS = { open: "DETAILS", checked: "INPUT", selected: "OPTION" };
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, el) => !(THEIRS[name] === el.tagName ||
    (name === "value" && /^(text|search|number|datetime-local)$/.test(el.type) && (el === document.activeElement || el.value !== el.defaultValue)));

  // the second click of a double one is no second wish, whatever stands there by then
  document.addEventListener("click", (e) => {
    const button = e.detail > 1 && e.target.closest("button");
    if (button && button.form && button.form.hasAttribute("hx-post")) e.preventDefault();
  }, true);

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
    if (!toasts) return;  // the page of the log-in has no place for them
    const toast = document.createElement("div");
    toast.className = "toast wrong";
    toast.textContent = text;
    toasts.append(toast);
  };
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target === dialog) { if (!dialog.open) dialog.showModal(); }
    else if (e.detail.target === toasts && dialog.open) dialog.close();
  });
  const leave = (el) => { // a popover, for what opens over it: the focus is then at the button that opened it
    const popover = el.hidePopover && el.closest(":popover-open");
    if (popover) popover.hidePopover();
  };
  document.addEventListener("click", (e) => {
    const at = (s) => e.target.closest(s);
    let el;
    if ((el = at("[data-copy]"))) {
      navigator.clipboard.writeText(el.dataset.copy).then(() => { use(el, "check"); setTimeout(() => use(el, "copy"), 1500); }, () => say(t("This browser does not allow copying.")));
    } else if ((el = at("[data-close]"))) {
      if (el.closest("dialog")) { e.preventDefault(); dialog.close(); } else if (el.closest(".toast")) el.closest(".toast").remove();
    } else if ((el = at("a[data-dialog]")) && !e.metaKey && !e.ctrlKey) { e.preventDefault(); leave(el); htmx.ajax("GET", el.href, "#dialog"); }
    else if (at("#pause")) pause(!paused);
    else if (e.target === dialog) dialog.close();
    else if ((el = at(".toast form button"))) { const toast = el.closest(".toast"); setTimeout(() => { toast.hidden = true; }); }
  });

  // 5: the same words as the server's `relative`, and by its clock: this one may be wrong
  let drawn, ahead;
  const grow = () => {
    const live = $("#live[data-at]");
    if (!live) return;
    if (live.dataset.at !== drawn) ahead = Date.now() - (drawn = live.dataset.at) / 1000;
    if (document.hidden) return;
    for (const el of document.querySelectorAll("time[title]:not(.at)")) {
      const since = (Date.now() - ahead - Date.parse(el.dateTime)) / 1000, gap = el.className === "due" ? since : Math.max(0, since);
      const s = Math.floor(Math.abs(gap)), text = s < 2 ? t(gap >= 0 ? "just now" : "now") : (([n, u]) => t(gap >= 0 ? "{span} ago" : "in {span}", { span: document.dir === "rtl" ? `\u2066${n} ${u}\u2069` : `${n} ${u}` }))(
        s < 60 ? [s, "s"] : s < 3600 ? [Math.floor(s / 60), "min"] : s < 86400 ? [Math.floor(s / 3600), "h"] : [Math.floor(s / 86400), "d"]);
      if (el.textContent !== text) el.textContent = text;
    }
  };
  grow();
  setInterval(grow, 1000);

  // 6: menus close like menus
  const shut = (but) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu === but) continue;
      const within = menu.contains(document.activeElement);
      menu.open = false;
      if (within) $("summary", menu).focus({ preventScroll: true });  // so that a dialog opened from it has somewhere to go back to
    }
  };
  document.addEventListener("toggle", (e) => { // the one on a phone shows where one is
    const here = e.target.id === "nav" && e.newState === "open" && $("[aria-current]", e.target);
    if (here) here.scrollIntoView({ block: "center" });
  }, true);
  document.addEventListener("click", (e) => shut(e.target.closest("a") ? null : e.target.closest("details.menu")));
  document.addEventListener("htmx:afterRequest", (e) => {
    const form = e.detail.successful && e.detail.elt && e.detail.elt.closest("form.pop");
    if (form) { shut(null); form.remove(); }  // what is ticked in it is not theirs any more: the refresh brings it anew
  });
  document.addEventListener("keydown", (e) => {
    const menu = e.key === "Escape" && e.target.closest && e.target.closest("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  });

  // 7: where the button that somebody pressed is gone, they go on from its row, not from the top of the page; so they do where news made
  // another act of the button they are at: the next Enter is not for that one
  let held = null, was = "";
  const act = (el) => /^(A|BUTTON)$/.test(el.tagName) ?
    [el.name, el.value, el.form ? el.form.getAttribute("action") : el.getAttribute("href")].map((part) => (part || "").split("?")[0]).join() : "";
  const hold = (e) => {
    if (dialog && dialog.open) return;  // what was held when it opened; its own buttons, disabled while they ask, lose the focus to the page
    const el = document.activeElement, asked = (e.detail.requestConfig || {}).triggeringEvent || {};
    held = el && el !== document.body ? (el.closest("main [id]:is(tr, li, article)") || { id: "main" }).id : null;
    was = isLive(e) && asked.type !== "horizon:refresh" ? act(el) : "";
  };
  const again = () => {
    const el = document.activeElement;
    // a dialog that closed keeps the focus, unseen, until the next picture where what it would go back to is gone
    const lost = el === document.body || (dialog && dialog.contains(el)) || (was && act(el) !== was);
    was = "";
    if (!held || !lost || (dialog && dialog.open)) return;
    const row = document.getElementById(held);
    ((row && row.id !== "main" && $("h3 a, td.wide a, a", row)) || $("#main")).focus({ preventScroll: true });
  };
  document.addEventListener("htmx:beforeSwap", hold);
  document.addEventListener("htmx:afterSwap", again);
  if (dialog) dialog.addEventListener("close", again);
})();
