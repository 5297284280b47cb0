/** The input block: label, control, hint, and what was wrong with it at the last submit. */

import { control, labelText, plainValue } from "./controls.js";
import { el } from "./dom.js";

const GROUPED = new Set(["checkboxes", "radio_buttons"]);
let count = 0;

/** The node for an input block. `scope` keeps the values and offers `keep`, `held` and `act`. */
export function field(block, scope) {
  const { element } = block;
  const id = `field-${(count += 1)}`;
  const node = control(element, {
    store: scope.store,
    label: null,
    name: `${scope.name}/${block.block_id}/${element.action_id}`,
    state: scope.held?.(block.block_id, element.action_id),
    pick: (state) => {
      scope.keep?.(block.block_id, element.action_id, state);
      showError(row, null);
      if (block.dispatch_action) void scope.act({ action_id: element.action_id, block_id: block.block_id, value: plainValue(state) });
    },
  });
  const target = node.matches("input, select, textarea, [role]") ? node : node.querySelector("input");
  target.id = id;
  const grouped = GROUPED.has(element.type);
  const label = el(grouped ? "div" : "label", { class: "label", id: `${id}-label`, for: grouped ? null : id },
    labelText(block.label), block.optional && el("span", { class: "optional" }, " (optional)"));
  target.setAttribute("aria-labelledby", `${id}-label`);
  target.setAttribute("aria-describedby", `${id}-hint ${id}-error`);
  if (!block.optional && !grouped) target.setAttribute("aria-required", "true");
  if (element.focus_on_load) target.dataset.first = "1";
  const row = el("div", { class: "field" }, label, node,
    el("p", { class: "hint", id: `${id}-hint`, hidden: !block.hint }, block.hint ? labelText(block.hint) : null),
    el("p", { class: "error", id: `${id}-error`, role: "alert", hidden: true }));
  row.control = target;
  return row;
}

/** Show or clear what is wrong with one field; returns its control when something is. */
export function showError(row, text) {
  const line = row.querySelector(":scope > .error");
  line.textContent = text ?? "";
  line.hidden = !text;
  if (text) row.control.setAttribute("aria-invalid", "true");
  else row.control.removeAttribute("aria-invalid");
  return text ? row.control : null;
}
