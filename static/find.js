/* Finding; an addition, as ui.js is: without it the search is a plain box, and the palette is the page /find.
   1 a list of choices below a field (a combobox)  2 the search: completion, searches and views of lately  3 the palette */
(() => {
  "use strict";
  const root = document.documentElement, $ = (s, from = document) => from.querySelector(s), t = window.horizonSays;
  if (!t) return;  // ui.js, which brings the words, did not come
  const kept = (name, value) => {
    try {
      const key = `horizon:${root.dataset.root}:${name}`;
      if (value) localStorage.setItem(key, JSON.stringify(value));
      return JSON.parse(localStorage.getItem(key)) || [];
    } catch { return []; }
  };
  const keep = (name, value, most) => kept(name, [value, ...kept(name).filter((one) => one !== value)].slice(0, most));
  const choice = (label, hint, data) => {
    const li = document.createElement("li"), name = document.createElement("span");
    li.setAttribute("role", "option");
    name.className = "grow";
    name.textContent = label;
    li.append(name);
    if (hint) { const faint = document.createElement("span"); faint.className = "faint"; faint.textContent = hint; li.append(faint); }
    Object.assign(li.dataset, data);
    return li;
  };
  const get = async (url, type) => { const answer = await fetch(url, { headers: { Accept: type } }); return answer.ok ? answer : null; };
  const asking = (part, text, hrefs) => {  // what of the page /find, and where one was lately
    const to = new URL($("#find-open").href);
    to.searchParams.set("part", part);
    if (text) to.searchParams.set("q", text);
    for (const href of hrefs) to.searchParams.append("recent", href);
    return to;
  };
  const offered = async (url) => {
    const answer = await get(url, "text/html"), part = document.createElement("template");
    part.innerHTML = answer ? await answer.text() : "";
    return answer && [...part.content.children];
  };
  const view = $("#views [data-view]")?.dataset.view;  // the saved view that this page shows, however one came here
  if (view) { keep("views", view, 4); keep("went", view, 12); }

  // 1: `fill` brings the choices, `take` uses one; asked for a moment after the last key, and only the latest answer counts
  const combobox = (input, list, said, { fill, take, first }) => {
    let asked = 0, timer = null, at = -1;
    const options = () => [...list.children];
    const shown = () => !list.hidden;
    const point = (to) => {
      const all = options();
      at = all.length ? (to + all.length) % all.length : -1;
      all.forEach((li, n) => li.setAttribute("aria-selected", n === at));
      if (at < 0) input.removeAttribute("aria-activedescendant");
      else { input.setAttribute("aria-activedescendant", all[at].id); all[at].scrollIntoView({ block: "nearest" }); }
    };
    const open = (on) => {
      list.hidden = !on;
      input.setAttribute("aria-expanded", on);
      if (!on) { at = -1; input.removeAttribute("aria-activedescendant"); }
    };
    const show = (items) => {
      items.forEach((li, n) => { li.id = `${list.id}-${n}`; li.setAttribute("aria-selected", "false"); });
      list.replaceChildren(...items);
      open(items.length > 0);
      at = -1;
      if (first && items.length) point(0); else input.removeAttribute("aria-activedescendant");
      said.textContent = items.length > 1 ? t("{n} suggestions", { n: items.length }) : t(items.length ? "1 suggestion" : "No suggestion");
    };
    const ask = async () => {
      const mine = ++asked;
      try {
        const items = await fill();
        if (mine === asked && (document.activeElement === input)) show(items);
      } catch { if (mine === asked) open(false); }
    };
    const soon = (wait) => { clearTimeout(timer); timer = setTimeout(ask, wait); };
    const close = () => { asked++; clearTimeout(timer); open(false); };
    input.addEventListener("input", () => soon(90));
    input.addEventListener("keydown", (e) => {
      if (e.isComposing || e.altKey) return;
      const all = options();
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        if (!shown()) { soon(0); return; }
        point(at < 0 ? (e.key === "ArrowDown" ? 0 : all.length - 1) : at + (e.key === "ArrowDown" ? 1 : -1));
      } else if (e.key === "Escape" && shown() && !first) { e.preventDefault(); e.stopPropagation(); close(); }
      else if (e.key === "Enter" && shown() && at >= 0) { e.preventDefault(); take(all[at], e); }
      else if (e.key === "Tab" && shown() && !e.shiftKey && !first && all.length && (at >= 0 || /\S$/.test(input.value))) { e.preventDefault(); take(all[Math.max(at, 0)], e); }  // where no word is begun, Tab goes on
    });
    list.addEventListener("pointerdown", (e) => e.preventDefault());  // the field keeps the focus
    list.addEventListener("click", (e) => { const li = e.target.closest("li"); if (li) take(li, e); });
    return { soon, close };
  };
  const words = (after) => {
    const said = document.createElement("span");
    said.className = "vh";
    said.setAttribute("role", "status");
    after.append(said);
    return said;
  };

  // 2
  const q = $("#q[data-complete]");
  if (q) {
    const form = q.form, list = document.createElement("ul");
    q.type = "text";  // a search field may not be a combobox
    Object.assign(list, { id: "q-choices", className: "choices", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", t("Suggestions"));
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", list.id], ["aria-autocomplete", "list"], ["aria-haspopup", "listbox"]]) q.setAttribute(name, value);
    form.append(list);
    const lately = async () => {
      const used = kept("views"), views = used.length && $("#find-open") ? await offered(asking("views", "", used)) || [] : [];
      const recent = [...kept("searches").map((text) => choice(text, t("searched lately"), { text })), ...views];
      return recent.length ? [...recent, choice(t("Forget recent searches and views"), "", { forget: "1" })] : [];
    };
    const forget = () => {
      const went = kept("went").filter((href) => !kept("views").includes(href));
      kept("searches", []); kept("views", []); kept("went", went);
    };
    const box = combobox(q, list, words(form), {
      fill: async () => {
        const url = new URL(q.dataset.complete, location.href);
        url.searchParams.set("q", q.value);
        url.searchParams.set("at", q.selectionStart ?? q.value.length);
        if (root.lang !== "en") url.searchParams.set("lang", root.lang);
        const [recent, answer] = await Promise.all([q.value.trim() ? [] : lately(), get(url, "application/json")]);
        const { items } = answer ? await answer.json() : { items: [] };
        return [...recent, ...items.map((one) => choice(one.label, one.hint, { text: one.text, caret: one.caret }))];
      },
      take: (li) => {
        if (li.dataset.forget) { forget(); box.soon(0); return; }
        if (li.dataset.href) { box.close(); location.href = li.dataset.href; return; }
        q.value = li.dataset.text;
        if (!li.dataset.caret) { box.close(); form.requestSubmit(); return; }
        q.setSelectionRange(+li.dataset.caret, +li.dataset.caret);
        box.soon(0);
      },
    });
    q.addEventListener("focus", () => box.soon(0));
    q.addEventListener("click", () => { if (list.hidden) box.soon(0); });
    q.addEventListener("blur", box.close);
    form.addEventListener("submit", () => { box.close(); const text = q.value.trim(); if (text) keep("searches", text, 8); });
    if (document.activeElement === q) box.soon(0);
  }

  // 3
  const opener = $("#find-open");
  if (opener) {
    const ASKS = t("A page, queue, class, tag, batch, view or id");
    const palette = document.createElement("dialog"), field = document.createElement("input"), list = document.createElement("ul"), line = document.createElement("div");
    palette.id = "palette";
    palette.setAttribute("aria-label", t("Find anything"));
    line.className = "line";
    field.className = "field";
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", "palette-choices"], ["aria-autocomplete", "list"], ["aria-haspopup", "listbox"], ["aria-label", ASKS], ["placeholder", ASKS], ["autocomplete", "off"], ["autocapitalize", "off"], ["spellcheck", "false"], ["maxlength", "300"]]) field.setAttribute(name, value);
    Object.assign(list, { id: "palette-choices", className: "choices", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", t("Found"));
    line.append(field);
    palette.append(line, list);
    document.body.append(palette);
    opener.setAttribute("aria-haspopup", "dialog");
    opener.setAttribute("aria-keyshortcuts", "Control+K Meta+K");
    const box = combobox(field, list, words(palette), {
      first: true,
      fill: async () => {
        const found = await offered(asking("options", field.value, kept("went")));
        if (!found) throw new Error("no answer");
        return found;
      },
      take: (li, e) => {
        const href = li.dataset.href;
        keep("went", href, 12);
        if (e.metaKey || e.ctrlKey) window.open(href, "_blank", "noopener"); else { palette.close(); location.href = href; }
      },
    });
    const open = () => { if (palette.open) return; field.value = ""; list.replaceChildren(); palette.showModal(); field.focus(); box.soon(0); };
    document.addEventListener("keydown", (e) => {
      if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") {
        e.preventDefault();
        if (palette.open) palette.close(); else if (!$("dialog[open]")) open();
      }
    });
    document.addEventListener("click", (e) => {
      const link = e.target.closest("#find-open");
      if (link && !e.metaKey && !e.ctrlKey) { e.preventDefault(); open(); }
      else if (e.target === palette) palette.close();
    });
    palette.addEventListener("close", box.close);
  }
})();
