/** Small ways to build and keep DOM nodes. Text only ever becomes text nodes; nothing here parses markup. */

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "hidden", "inert"]);

/** Make an element: `el("button", {class: "x", onclick: f}, "text", node)`. null and false children are left out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else if (value !== false) node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const ICONS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.500 14.500s1.200 1.800 3.500 1.800 3.500-1.800 3.500-1.800M9 9.500v.5M15 9.500v.5",
  reply: "M5 5h14v10h-8l-4 4v-4H5zM9 10h6",
  more: "M5 11.500v1M5 11.500h.5v1H5M12 11.500v1M12 11.500h.5v1H12M19 11.500v1M19 11.500h.5v1H19",
  send: "M4 12l16-7-5 15-4-6zM11 14l9-9",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1 1M17.400 17.400l1 1M5.600 18.400l1-1M17.400 6.600l1-1",
  moon: "M20 14.500A8 8 0 0 1 9.500 4 8 8 0 1 0 20 14.500z",
  eye: "M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  down: "M6 9l6 6 6-6",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
};

/** Make a decorative line icon; its control carries the name. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

/** A button that shows only an icon, with its name for everybody else. */
export function iconButton(name, label, onclick, props = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

/** Where the focus is, in words that survive a rebuild: the element's own key and the row around it. */
export function focusPlace(element = document.activeElement) {
  if (!element || element === document.body) return null;
  const row = element.closest("[data-row]");
  const group = element.closest("[data-row] .actions") ? ".actions button" : null;
  return { element, key: element.dataset.focus ?? null, row: row?.dataset.row ?? null, group };
}

const byData = (name, value) => value && document.querySelector(`[data-${name}="${CSS.escape(value)}"]`);

/** Put the focus back: on the same element, else its successor with the same key, else the first button where it stood, else its row. */
export function focusBack(place) {
  if (!place) return;
  const still = place.element?.getClientRects().length && !place.element.disabled ? place.element : null;
  const row = byData("row", place.row);
  const beside = place.group && row?.querySelector(place.group);
  const target = still ?? byData("focus", place.key) ?? beside ?? row;
  target?.focus({ preventScroll: !still });
}

/** Run a change of the page and keep the focus where the person had it. */
export function keepFocus(change) {
  const place = focusPlace();
  change();
  if (place && document.activeElement !== place.element) focusBack(place);
}

/** Make `parent`'s children be `nodes`, in order, without touching those that stay where they are. */
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, n) => {
    if (parent.childNodes[n] !== node) parent.insertBefore(node, parent.childNodes[n] ?? null);
  });
}

/** The controls inside `root` that Tab reaches, in order. */
export function tabStops(root) {
  const all = root.querySelectorAll("a[href], button, input, select, textarea, [tabindex]");
  return [...all].filter((node) => node.tabIndex >= 0 && !node.disabled && node.getClientRects().length > 0);
}

/** Let the arrow keys walk among `items()`; for menus, lists and grids with `columns` per line. */
export function arrowKeys(event, items, columns = 1) {
  const steps = { ArrowDown: columns, ArrowUp: -columns, ...(columns > 1 ? { ArrowRight: 1, ArrowLeft: -1 } : {}) };
  const list = items();
  const at = list.indexOf(document.activeElement);
  let to = at + (steps[event.key] ?? 0);
  if (event.key === "Home") to = 0;
  if (event.key === "End") to = list.length - 1;
  if (!(event.key in steps) && event.key !== "Home" && event.key !== "End") return;
  event.preventDefault();
  list[(to + list.length) % list.length]?.focus();
}

/** Say something to screen readers without moving the focus. */
export function announce(text) {
  document.getElementById("live").textContent = text;
}
