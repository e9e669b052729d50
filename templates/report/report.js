// Folding, filtering and sorting. The page is complete without it: everything is open in the HTML, and is folded here.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const items = all("details.item");
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  // What a link points at is opened, wherever it comes from.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.matches("details.item")) {
      target.hidden = false;
      target.open = true;
    }
    target.scrollIntoView();
  };
  items.forEach((item) => { item.open = false; });
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  // Paper has no folds: open all to print, then put things back.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = items.filter((item) => !item.open);
    folded.forEach((item) => { item.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((item) => { item.open = false; }));

  all("form.filter").forEach((form) => {
    const mine = all("details.item", document.getElementById(form.dataset.of));
    const words = new Map(mine.map((item) => [item, plain(item.textContent)]));
    const [search, status] = [form.querySelector("input"), form.querySelector("select")];
    const [shown, total] = all(".shown b", form);
    const present = new Set(mine.map((item) => item.dataset.status));
    all("option", status).forEach((option) => {
      if (option.value && !present.has(option.value)) option.remove();
    });
    const apply = () => {
      const wanted = plain(search.value.trim());
      mine.forEach((item) => {
        item.hidden = (status.value && item.dataset.status !== status.value) || !words.get(item).includes(wanted);
      });
      shown.textContent = mine.filter((item) => !item.hidden).length;
      total.textContent = mine.length;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    all("[data-fold]", form).forEach((button) => button.addEventListener("click", () => {
      mine.filter((item) => !item.hidden).forEach((item) => { item.open = button.dataset.fold === "open"; });
    }));
    form.hidden = false;
    apply();
  });

  // French dates are sorted as dates.
  const key = (cell) => cell.textContent.trim().replace(/^(\d\d)\/(\d\d)\/(\d{4})/, "$3-$2-$1");
  all("table.subjects").forEach((table) => {
    const body = table.tBodies[0];
    all("thead th", table).forEach((head, column) => {
      // Not a <button>: Chromium does not repeat on each printed page a table head that holds one.
      const button = document.createElement("span");
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        button.click();
      });
      button.addEventListener("click", () => {
        const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
        const rows = [...body.rows].map((row) => [key(row.cells[column]), row]);
        rows.sort(([a], [b]) => way * a.localeCompare(b, document.documentElement.lang, { numeric: true }));
        body.append(...rows.map(([, row]) => row));
      });
    });
  });
})();
