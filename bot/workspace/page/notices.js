/** Notices: what the workspace or the page has to say, until the person puts them away. */

import { el, iconButton, reconcile } from "./dom.js";

const SHOWN = 3;
const KEY = "notices-seen";

export class Notices {
  constructor(node, store) {
    Object.assign(this, { node, store });
    this.seen = new Set(JSON.parse(sessionStorage.getItem(KEY) ?? "[]"));
    this.cards = new Map();
  }

  #dismiss(id) {
    this.seen.add(String(id));
    sessionStorage.setItem(KEY, JSON.stringify([...this.seen].slice(-200)));
    this.update();
    (this.node.querySelector("button") ?? document.querySelector("[data-focus='composer/main']"))?.focus();
  }

  #card(notice) {
    const level = { error: "error", warning: "warning", warn: "warning" }[notice.level] ?? "plain";
    return el("div", { class: `notice ${level}`, role: "alert" }, el("span", {}, notice.text), iconButton("close", "Dismiss", () => this.#dismiss(notice.id)));
  }

  update() {
    const all = [...(this.store.state?.notices ?? []), ...this.store.localNotices].filter((notice) => !this.seen.has(String(notice.id)));
    const shown = all.slice(-SHOWN);
    for (const notice of shown) if (!this.cards.has(notice.id)) this.cards.set(notice.id, this.#card(notice));
    reconcile(this.node, shown.map((notice) => this.cards.get(notice.id)));
  }
}
