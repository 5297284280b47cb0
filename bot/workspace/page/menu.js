/** Menus that open beside a control: overflow menus, the acting person, the emoji picker. One at a time. */

import { arrowKeys, el, focusBack, focusPlace } from "./dom.js";
import { PICKER, emoji } from "./emoji.js";

let open = null;

/** Put `panel` under `anchor`, or above it when there is no room; `wide` gives it the anchor's width. */
export function placeBeside(panel, anchor, { wide = false } = {}) {
  const box = anchor.getBoundingClientRect();
  panel.style.maxHeight = "";
  if (wide) panel.style.width = `${box.width}px`;
  const below = window.innerHeight - box.bottom - 12;
  const above = box.top - 12;
  const height = panel.scrollHeight + 2;
  const up = height > below && above > below;
  panel.style.maxHeight = `${Math.max(120, up ? above : below)}px`;
  panel.style.top = `${up ? Math.max(8, box.top - Math.min(height, above) - 4) : box.bottom + 4}px`;
  panel.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - panel.offsetWidth - 8))}px`;
}

/** Close the open menu; the focus returns to its control, or to the control that has taken its place. */
export function closeMenu({ restore = true } = {}) {
  if (!open) return false;
  const { panel, place, anchor } = open;
  open = null;
  panel.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (restore) focusBack(place);
  return true;
}

function show(anchor, panel, items, columns) {
  closeMenu({ restore: false });
  (anchor.closest("dialog") ?? document.body).append(panel);
  anchor.setAttribute("aria-expanded", "true");
  open = { panel, anchor, place: { ...focusPlace(anchor), element: anchor } };
  placeBeside(panel, anchor);
  const controls = () => [...panel.querySelectorAll("button")];
  panel.addEventListener("keydown", (event) => {
    arrowKeys(event, controls, columns);
    const typed = event.key.length === 1 && /\S/.test(event.key) ? event.key.toLowerCase() : null;
    if (typed && columns === 1) controls().find((node) => node.textContent.toLowerCase().includes(typed) && node !== document.activeElement && node.textContent.trim().toLowerCase().startsWith(typed))?.focus();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      closeMenu();
    }
  });
  (controls().find((node) => node.getAttribute("aria-checked") === "true") ?? controls()[0])?.focus();
}

/** Open a menu of `{content, choose, checked?}` beside `anchor`; pressing the control again closes it. */
export function openMenu(anchor, { label, items, kind = "" }) {
  if (open?.anchor === anchor) return void closeMenu();
  const panel = el("div", { class: `menu ${kind}`, role: "menu", "aria-label": label }, items.map((item) =>
    el("button", {
      type: "button", class: "menu-item", role: item.checked === undefined ? "menuitem" : "menuitemradio", tabindex: "-1",
      "aria-checked": item.checked === undefined ? null : String(item.checked),
      onclick: () => { closeMenu(); item.choose(); },
    }, item.content)));
  show(anchor, panel, items, 1);
}

/** Open the small emoji picker beside `anchor`; `choose(name)` gets the short name. */
export function openEmoji(anchor, choose) {
  if (open?.anchor === anchor) return void closeMenu();
  const panel = el("div", { class: "menu emoji-grid", role: "menu", "aria-label": "Reactions" }, PICKER.map((name) =>
    el("button", {
      type: "button", role: "menuitem", tabindex: "-1", "aria-label": name.replaceAll("_", " "), title: `:${name}:`,
      onclick: () => { closeMenu(); choose(name); },
    }, emoji(name))));
  show(anchor, panel, PICKER, 6);
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.panel.contains(event.target) && !open.anchor.contains(event.target)) closeMenu({ restore: false });
});
window.addEventListener("resize", () => closeMenu());
