/** A box in which typing filters a list: people, channels or options, one or many. Follows the ARIA combobox pattern. */

import { el, iconButton } from "./dom.js";
import { placeBeside } from "./menu.js";
import { avatar } from "./people.js";

let count = 0;

class Picker {
  constructor({ items, chosen, pick, many = false, label, name, action, placeholder }) {
    Object.assign(this, { items, pick, many, label });
    this.chosen = items.filter((item) => chosen.includes(item.value));
    this.active = 0;
    const id = `picker-${(count += 1)}`;
    this.list = el("ul", { class: "menu picker-list", role: "listbox", id, hidden: true, "aria-label": label ?? placeholder, "aria-multiselectable": many ? "true" : null });
    this.input = el("input", {
      type: "text", class: "input", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list",
      "aria-label": label, "data-focus": name, "data-action": action, placeholder,
      oninput: () => this.open(), onclick: () => this.open(), onblur: () => this.close(), onkeydown: (event) => this.key(event),
    });
    this.chips = el("div", { class: "chips" });
    this.node = el("div", { class: "picker" }, many && this.chips, this.input, this.list);
    this.show();
  }

  /** The chosen ones: as chips, or as the box's own text. */
  show() {
    if (!this.many) this.input.value = this.chosen[0]?.text ?? "";
    this.chips.replaceChildren(...this.chosen.map((item) => el("span", { class: "chip" }, item.user && avatar(item.user, item.value, "small"), item.text,
      iconButton("close", `Remove ${item.text}`, () => this.choose(item)))));
  }

  found() {
    const typed = this.input.value.trim().toLowerCase();
    const untouched = !this.many && typed === (this.chosen[0]?.text ?? "").toLowerCase();
    if (!typed || untouched) return this.items;
    return this.items.filter((item) => `${item.text} ${item.search ?? ""}`.toLowerCase().includes(typed));
  }

  get isOpen() {
    return !this.list.hidden;
  }

  open() {
    const current = this.found();
    this.active = Math.max(0, current.findIndex((item) => item === this.chosen[0] && !this.many));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.draw();
    placeBeside(this.list, this.input, { wide: true });
  }

  draw() {
    const current = this.found();
    this.list.replaceChildren(...current.map((item, n) => {
      const option = el("li", {
        class: "menu-item", role: "option", id: `${this.list.id}-${n}`, "aria-selected": String(this.chosen.includes(item)),
        onmousedown: (event) => { event.preventDefault(); this.choose(item); },
      }, item.user && avatar(item.user, item.value, "small"), el("span", {}, item.text), item.detail && el("small", {}, item.detail));
      option.classList.toggle("active", n === this.active);
      return option;
    }));
    if (!current.length) this.list.append(el("li", { class: "menu-empty", role: "option", "aria-disabled": "true" }, "Nobody and nothing by that name"));
    const active = this.list.children[this.active];
    this.input.setAttribute("aria-activedescendant", active?.id ?? "");
    active?.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    if (this.many) this.input.value = "";
    else if (!this.input.value.trim() && this.chosen.length) this.settle([]);
    else this.show();
  }

  choose(item) {
    const without = this.chosen.filter((one) => one !== item);
    this.input.value = "";
    this.settle(this.many ? (without.length === this.chosen.length ? [...this.chosen, item] : without) : [item]);
    this.close();
    this.input.focus();
  }

  settle(chosen) {
    const same = chosen.length === this.chosen.length && chosen.every((item, n) => item === this.chosen[n]);
    this.chosen = chosen;
    this.show();
    if (!same) this.pick(chosen.map((item) => item.value));
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const current = this.found();
    if (step) {
      event.preventDefault();
      if (!this.isOpen) this.open();
      else if (current.length) this.active = (this.active + step + current.length) % current.length;
      this.draw();
    } else if (event.key === "Enter") {
      event.preventDefault();  // a choice, never a submit of the form around it
      if (this.isOpen && current[this.active]) this.choose(current[this.active]);
      else this.open();
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();  // the list closes, the dialog around it stays
      this.close();
    } else if (event.key === "Backspace" && this.many && !this.input.value && this.chosen.length) {
      this.settle(this.chosen.slice(0, -1));
    }
  }
}

/** The node of a picker. `items` are `{value, text, detail?, search?, user?}`; `pick(values)` hears of every change. */
export const picker = (options) => new Picker(options).node;
