/** The list of messages of a channel or thread: rows kept by ts, the reading place kept through updates. */

import { arrowKeys, el, keepFocus, reconcile } from "./dom.js";
import { Row } from "./row.js";
import { day, dayKey } from "./times.js";

const NEAR_END_PX = 80;
const SAME_AUTHOR_S = 300;

const follows = (before, message) =>
  before && before.user === message.user && !before.is_ephemeral && !message.is_ephemeral && !before.subtype && !message.subtype
  && dayKey(before.ts) === dayKey(message.ts) && message.ts - before.ts < SAME_AUTHOR_S && !message.blocks?.length;

export class MessageList {
  /** `scope` is main or thread; */
  constructor(scope, store, label) {
    Object.assign(this, { scope, store });
    this.rows = new Map();
    this.marks = new Map();
    this.log = el("div", { class: "log", role: "log", "aria-label": label, "data-focus": `log/${scope}`, tabindex: "0" });
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd() }, "New messages below");
    this.node = el("div", { class: "log-frame" }, this.log, this.jump);
    this.log.addEventListener("scroll", () => { if (this.nearEnd()) this.jump.hidden = true; }, { passive: true });
    this.log.addEventListener("keydown", (event) => this.#key(event));
  }

  nearEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.jump.hidden = true;
  }

  /** Up and down walk from message to message; Tab then reaches what is inside. */
  #key(event) {
    const inside = event.target === this.log || event.target.classList.contains("row");
    if (!inside || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [...this.log.querySelectorAll(".row")];
    if (event.target === this.log && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      rows.at(-1)?.focus();
    } else arrowKeys(event, () => rows);
  }

  /** Show `messages` of `place` = {channel, thread}, as `me` sees them. `intro` is what stands when there are none. */
  update(place, messages, intro) {
    const key = `${place.channel}/${place.thread ?? ""}`;
    const me = this.store.state.me.id;
    const arrived = key !== this.key;
    const stay = !arrived && !this.nearEnd();
    const top = this.log.scrollTop;
    const newest = messages.at(-1)?.ts;
    if (arrived || me !== this.me) {
      this.rows.clear();
      this.marks.clear();
    }
    const fresh = !arrived && me === this.me && newest > (this.newest ?? "") && !this.rows.has(newest);
    Object.assign(this, { key, me, newest });
    this.log.setAttribute("aria-busy", String(arrived));
    keepFocus(() => reconcile(this.log, [...(messages.length ? [] : [this.#intro(intro)]), ...this.#nodes(place, messages)]));
    this.log.setAttribute("aria-busy", "false");
    const own = messages.at(-1)?.user === me;
    if (arrived || !stay || (fresh && own)) this.toEnd();
    else {
      this.log.scrollTop = top;
      if (fresh) this.jump.hidden = false;
    }
    if (arrived || this.pointed !== this.store.route.message) this.#pointOut();
  }

  #nodes(place, messages) {
    const nodes = [];
    messages.forEach((message, n) => {
      const before = messages[n - 1];
      const parent = place.thread && n === 0;
      if (!parent && (!before || dayKey(before.ts) !== dayKey(message.ts)) && !place.thread) nodes.push(this.#mark(dayKey(message.ts), day(message.ts), "day"));
      if (place.thread && n === 1) nodes.push(this.#mark("replies", messages.length === 2 ? "1 reply" : `${messages.length - 1} replies`, "day count"));
      if (!this.rows.has(message.ts)) this.rows.set(message.ts, new Row(message, this.store, { scope: this.scope, channel: place.channel }));
      const row = this.rows.get(message.ts);
      row.take(message, Boolean(!parent && n > (place.thread ? 1 : 0) && follows(before, message)));
      nodes.push(row.node);
    });
    for (const ts of [...this.rows.keys()]) if (!messages.some((message) => message.ts === ts)) this.rows.delete(ts);
    return nodes;
  }

  #mark(key, text, kind) {
    if (!this.marks.has(key)) this.marks.set(key, el("div", { class: kind, role: "separator" }, el("span")));
    const node = this.marks.get(key);
    node.firstChild.textContent = text;
    node.setAttribute("aria-label", text);
    return node;
  }

  #intro(text) {
    this.empty ??= el("p", { class: "empty" });
    this.empty.textContent = text;
    return this.empty;
  }

  #pointOut() {
    const row = this.rows.get(this.store.route.message);
    if (!row) return;
    this.pointed = this.store.route.message;
    row.node.classList.remove("pointed-out");
    void row.node.offsetWidth;  // so that the mark begins anew
    row.node.classList.add("pointed-out");
    row.node.scrollIntoView({ block: row.node.offsetHeight > this.log.clientHeight ? "start" : "center" });
  }
}
