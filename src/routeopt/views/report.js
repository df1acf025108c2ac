"use strict";
(() => {
  const number = (cell) => (cell.dataset.v === undefined || cell.dataset.v === "" ? NaN : Number(cell.dataset.v));

  // Tables: a click on a head, or Enter or Space on it, sorts; what is missing stays last.
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      head.querySelector("button")?.addEventListener("click", () => {
        const numeric = head.dataset.kind === "number";
        const before = head.getAttribute("aria-sort");
        const up = before === null || before === "none" ? !numeric : before === "descending";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const sign = up ? 1 : -1;
        const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
        const compare = (a, b) => {
          const [one, other] = [a.cells[place], b.cells[place]];
          if (!numeric) {
            const [x, y] = [one.textContent, other.textContent];
            return x === "" || y === "" ? (x === "") - (y === "") : sign * words.compare(x, y);
          }
          const [x, y] = [number(one), number(other)];
          if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
          return x === y ? 0 : x < y ? -sign : sign;
        };
        const body = table.tBodies[0];
        body.append(...[...body.rows].sort(compare));
      });
    });
  }

  // Long tables: show the rows that hold some text.
  for (const input of document.querySelectorAll(".filter input")) {
    const block = input.closest(".block");
    const said = block.querySelector("output");
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let left = 0;
      for (const row of block.querySelector("tbody").rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
        left += !row.hidden;
      }
      said.textContent = wanted ? ` ${left} rows` : "";
    });
  }

  // Maps: what a leg carries, beside the pointer.
  const tip = document.getElementById("tip");
  for (const line of document.querySelectorAll(".hit")) {
    const title = line.querySelector("title");
    line.dataset.tip = title.textContent;
    title.remove(); // the browser would show it a second time
    const show = (event) => {
      tip.textContent = line.dataset.tip;
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      const left = Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 4));
      const below = event.clientY + 16;
      tip.style.left = `${left}px`;
      tip.style.top = `${below + box.height > innerHeight ? event.clientY - box.height - 10 : below}px`;
    };
    line.addEventListener("pointermove", show);
    line.addEventListener("pointerdown", show);
    line.addEventListener("pointerleave", () => { tip.hidden = true; });
  }

  // Sankeys.
  for (const place of document.querySelectorAll(".live > div")) {
    const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    Plotly.newPlot(place, figure.data, figure.layout, { displayModeBar: false, responsive: true });
  }
})();
