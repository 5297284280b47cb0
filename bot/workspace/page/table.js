/** The table block: first row as head, cells as text, number or rich text, scrolling sideways when narrow. */

import { el } from "./dom.js";
import { richText } from "./richtext.js";

function content(cell, store) {
  if (cell.type === "rich_text") return richText(cell, store);
  if (cell.type === "raw_text") return [cell.text];
  if (cell.type === "raw_number") return [cell.text ?? String(cell.value ?? cell.number)];
  throw new Error(`a table has no ${cell.type} cell`);
}

/** The node for a table block. Throws on a cell that Slack does not have. */
export function table(block, store) {
  const settings = block.column_settings ?? [];
  const row = (cells, tag) => el("tr", {}, cells.map((cell, n) => {
    const node = el(tag, tag === "th" ? { scope: "col" } : {}, content(cell, store));
    node.dataset.align = settings[n]?.align ?? (cell.type === "raw_number" ? "right" : "left");
    if (settings[n]?.is_wrapped) node.classList.add("wrapped");
    return node;
  }));
  const [head, ...body] = block.rows;
  return el("div", { class: "table-scroll", role: "region", "aria-label": "Table", tabindex: "0" },
    el("table", {}, el("thead", {}, row(head, "th")), el("tbody", {}, body.map((cells) => row(cells, "td")))));
}
