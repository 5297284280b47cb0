/** The frame of every dialog: a native modal dialog with a title, a body, a foot; the focus stays inside and returns afterwards. */

import { el, focusBack, focusPlace, iconButton, tabStops } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";

let count = 0;

export class Dialog {
  /** `leave()` is called when the person closes it: Escape, the cross, or a click outside nothing. */
  constructor({ role = "dialog", leave }) {
    const id = `dialog-${(count += 1)}`;
    this.leave = leave;
    this.title = el("h2", { class: "dialog-title", id });
    this.body = el("div", { class: "dialog-body" });
    this.foot = el("div", { class: "dialog-foot" });
    this.form = el("form", { class: "dialog-form", novalidate: true },
      el("header", { class: "dialog-head" }, this.title, iconButton("close", "Close", () => this.leave())), this.body, this.foot);
    this.node = el("dialog", { class: "dialog", role, "aria-modal": "true", "aria-labelledby": id }, this.form);
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("cancel", (event) => { event.preventDefault(); this.leave(); });
  }

  get isOpen() {
    return this.node.open;
  }

  open() {
    if (this.isOpen) return;
    this.place = focusPlace();
    document.body.append(this.node);
    this.node.showModal();
  }

  close() {
    if (!this.isOpen) return;
    this.node.close();
    this.node.remove();
    focusBack(this.place ?? { key: "composer/main" });
  }

  #key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.leave();
    }
    if (event.key !== "Tab" || event.defaultPrevented) return;
    const stops = tabStops(this.node);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge && this.node.contains(document.activeElement)) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
}

/** Ask the question a button carries in `confirm`; resolves to whether the person agreed. */
export function confirmed(question, store) {
  return new Promise((answer) => {
    const end = (yes) => { dialog.close(); answer(yes); };
    const dialog = new Dialog({ role: "alertdialog", leave: () => end(false) });
    dialog.node.classList.add("small");
    dialog.title.append(...plainText(question.title));
    dialog.body.append(el("div", { class: "text" }, textObject(question.text, store)));
    const no = el("button", { type: "button", class: "button", onclick: () => end(false) }, plainText(question.deny));
    const yes = el("button", { type: "submit", class: `button ${question.style === "danger" ? "danger" : "primary"}` }, plainText(question.confirm));
    dialog.foot.append(no, yes);
    dialog.form.addEventListener("submit", (event) => { event.preventDefault(); end(true); });
    dialog.open();
    (question.style === "danger" ? no : yes).focus();
  });
}
