/* Charts over time; an addition, as ui.js is. All of it is to be had without: the same figures stand step by step, each leading to its jobs.
   1 the figures of the column under the pointer, whichever chart it is  2 a span drawn over a chart leads to the jobs of that time */
(() => {
  "use strict";
  const NS = "http://www.w3.org/2000/svg", chart = (e) => e.target.closest && e.target.closest("svg[data-brush]");
  const at = (svg, e) => {
    const box = svg.getBoundingClientRect(), n = +svg.dataset.brush;
    return Math.max(0, Math.min(n - 1, Math.floor(((e.clientX - box.left) / box.width) * n)));
  };

  // 1: they are asked for when somebody points at a chart, and again when they are old
  let tip = null, over = null, told = new Map(), asked = 0, begun = null, band = null;
  const clear = () => { if (tip) tip.remove(); tip = null; }, hide = () => { clear(); over = null; };
  const learn = async () => {
    const list = document.querySelector(".charts[data-table]");
    if (!list || Date.now() - asked < 20000) return;
    asked = Date.now();
    try {
      const page = new DOMParser().parseFromString(await (await fetch(list.dataset.table)).text(), "text/html"), heads = [...page.querySelectorAll("#steps th")];
      told = new Map([...page.querySelectorAll("#steps tr[data-i]")].map((row) => [+row.dataset.i, [...row.cells].map((cell, i) => `${i ? heads[i].textContent + " " : ""}${cell.textContent.trim()}`).join("\n")]));
      if (over) show(...over); // the pointer may rest there by now
    } catch { asked = 0; }
  };
  const show = (svg, e) => {
    over = [svg, e];
    learn();
    const text = told.get(at(svg, e));
    if (!text) return clear();
    if (!tip) { tip = document.createElement("div"); tip.className = "tip"; tip.setAttribute("aria-hidden", "true"); document.body.append(tip); }
    tip.textContent = text;
    const left = Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8), top = Math.min(e.clientY + 18, innerHeight - tip.offsetHeight - 8);
    tip.style.transform = `translate(${Math.max(8, left)}px, ${top}px)`;
  };

  // 2
  const draw = (svg, e) => {
    const n = +svg.dataset.brush, to = at(svg, e), [a, b] = [Math.min(begun.i, to), Math.max(begun.i, to)];
    if (!band) { band = document.createElementNS(NS, "rect"); band.setAttribute("class", "band"); band.setAttribute("y", "0"); band.setAttribute("height", "100"); svg.append(band); }
    band.setAttribute("x", (a * 600) / n);
    band.setAttribute("width", ((b - a + 1) * 600) / n);
    return [a, b];
  };
  const stop = () => { if (band) band.remove(); band = begun = null; };
  const go = ([a, b]) => {
    const list = document.querySelector(".charts[data-jobs]");
    if (!list) return;
    const iso = (ms) => new Date(ms).toISOString().slice(0, 19) + "Z", step = +list.dataset.step, from = +list.dataset.from;
    const url = new URL(list.dataset.jobs, location.href), term = url.searchParams.get("q") || "";
    url.searchParams.set("q", `after:${iso(from + a * step)} before:${iso(from + (b + 1) * step)} ${term}`.trim());
    location.assign(url);
  };
  document.addEventListener("pointerdown", (e) => {
    const svg = chart(e);
    if (!svg || e.button || e.pointerType === "touch") return;
    begun = { svg, i: at(svg, e), x: e.clientX };
    e.preventDefault();
  });
  document.addEventListener("pointermove", (e) => {
    const svg = chart(e);
    if (begun) { if (Math.abs(e.clientX - begun.x) > 3) draw(begun.svg, e); } else if (svg && e.pointerType !== "touch") show(svg, e); else hide();
  });
  document.addEventListener("pointerup", (e) => {
    if (!begun) return;
    const drawn = Math.abs(e.clientX - begun.x) > 3 ? draw(begun.svg, e) : null;
    stop();
    if (drawn) go(drawn);
  });
  document.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") stop(); });
})();
