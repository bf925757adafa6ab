/* What the page of one job cannot do by itself; an addition, as ui.js is.
   1 the end of a growing log  2 copying what is not on the page */
(() => {
  "use strict";

  // 1: a tail shows its end, until its reader scrolls up
  let atEnd = true;
  const toEnd = () => { const lines = document.querySelector("#lines[data-tail]"); if (lines && atEnd) lines.scrollTop = lines.scrollHeight; };
  document.addEventListener("scroll", (e) => {
    if (e.target.id === "lines") atEnd = e.target.scrollHeight - e.target.scrollTop - e.target.clientHeight < 24;
  }, true);
  document.addEventListener("htmx:afterSettle", toEnd);
  toEnd();

  // 2: the clipboard is given a promise, for it must be asked while the click still counts
  const copied = (button) => {
    const use = button.querySelector("use"), icon = use.getAttribute("href");
    use.setAttribute("href", icon.replace(/#.*/, "#check"));
    setTimeout(() => use.setAttribute("href", icon), 1500);
  };
  document.addEventListener("click", (e) => {
    const link = e.target.closest("a[data-copy-url]");
    if (!link || e.metaKey || e.ctrlKey || !navigator.clipboard || !window.ClipboardItem) return;
    e.preventDefault();
    const text = fetch(link.href).then((answer) => (answer.ok ? answer.blob() : Promise.reject(answer)));
    const item = new ClipboardItem({ "text/plain": text.then((blob) => new Blob([blob], { type: "text/plain" })) });
    navigator.clipboard.write([item]).then(() => copied(link), () => { location.href = link.href; });
  });
})();
