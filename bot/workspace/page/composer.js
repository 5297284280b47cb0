/** The box in which people write: Enter sends, `/` offers commands, `@` offers people; a draft survives until it is sent. */

import { announce, el, iconButton, reconcile } from "./dom.js";
import { avatar, byName, nameOf, roleOf } from "./people.js";
import { handleOf, slashCommand } from "./typed.js";

const MAX_HEIGHT_PX = 200;

export class Composer {
  constructor(scope, store) {
    Object.assign(this, { scope, store, offers: [], active: 0 });
    this.list = el("div", { class: "offers", role: "listbox", id: `offers-${scope}`, "aria-label": "Suggestions", hidden: true });
    this.usage = el("p", { class: "usage", id: `usage-${scope}`, hidden: true });
    this.box = el("textarea", {
      class: "draft", rows: "1", "data-focus": `composer/${scope}`, "aria-autocomplete": "list", "aria-controls": this.list.id, "aria-describedby": this.usage.id,
      oninput: () => this.typed(), onkeydown: (event) => this.key(event), onblur: () => this.offer([]), onclick: () => this.typed(),
    });
    this.button = iconButton("send", "Send", () => void this.send(), { class: "icon-button send" });
    this.node = el("div", { class: "composer" }, this.list, this.usage, el("div", { class: "writing" }, this.box, this.button));
  }

  /** Point the box at a place; each person has a draft of their own for each place. */
  update(place, label) {
    this.box.placeholder = label;
    this.box.setAttribute("aria-label", label);
    const key = `draft/${this.store.state.me.id}/${place.channel}/${place.thread ?? ""}`;
    this.place = place;
    if (key === this.draftKey) return;
    this.draftKey = key;
    this.box.value = sessionStorage.getItem(key) ?? "";
    this.grow();
    this.offer([]);
    this.usage.hidden = true;
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, MAX_HEIGHT_PX)}px`;
    this.button.disabled = !this.box.value.trim();
  }

  typed() {
    sessionStorage.setItem(this.draftKey, this.box.value);
    this.grow();
    const before = this.box.value.slice(0, this.box.selectionStart);
    const command = /^\/[\w-]*$/.exec(before)?.[0];
    const handle = /(?:^|\s)@([\w.-]*)$/.exec(before)?.[1];
    if (command) this.offer(this.#commands(command));
    else if (handle !== undefined) this.offer(this.#people(handle.toLowerCase()));
    else this.offer([]);
    const known = this.store.state.commands.find((one) => one.command === slashCommand(this.box.value)?.command);
    this.usage.textContent = known ? `${known.command} ${known.usage_hint ?? ""}` : "";
    this.usage.hidden = !known || !this.list.hidden;
  }

  #commands(typed) {
    return this.store.state.commands.filter((one) => one.command.startsWith(typed)).map((one) => ({
      whole: typed === one.command, replace: typed.length, text: `${one.command} `,
      content: [el("strong", {}, one.command), el("span", { class: "hint" }, one.usage_hint ?? ""), el("small", {}, one.description ?? "")],
    }));
  }

  #people(typed) {
    const found = byName(this.store.state.users).filter((user) => !user.deleted && `${handleOf(user)} ${nameOf(user)}`.toLowerCase().includes(typed));
    return found.slice(0, 8).map((user) => ({
      replace: typed.length, text: `${handleOf(user)} `,
      content: [avatar(user, user.id, "small"), el("strong", {}, nameOf(user)), el("span", { class: "hint" }, `@${handleOf(user)}`), el("small", {}, roleOf(user))],
    }));
  }

  offer(offers, active = 0) {
    this.offers = offers;
    this.active = active;
    this.list.hidden = !offers.length;
    reconcile(this.list, offers.map((offer, n) => {
      const node = el("div", { class: "offer", role: "option", id: `${this.list.id}-${n}`, "aria-selected": String(n === active), onmousedown: (event) => { event.preventDefault(); this.accept(offer); } }, offer.content);
      return node;
    }));
    if (offers.length) this.box.setAttribute("aria-activedescendant", `${this.list.id}-${active}`);
    else this.box.removeAttribute("aria-activedescendant");
    this.list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  accept(offer) {
    const at = this.box.selectionStart;
    this.box.setRangeText(offer.text, at - offer.replace, at, "end");
    this.typed();
  }

  key(event) {
    if (event.isComposing) return;
    const offer = this.offers[this.active];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (offer && step) {
      event.preventDefault();
      this.offer(this.offers, (this.active + step + this.offers.length) % this.offers.length);
    } else if (offer && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.offer([]);
    } else if (offer && !event.shiftKey && ((event.key === "Tab") || (event.key === "Enter" && !offer.whole))) {
      event.preventDefault();
      this.accept(offer);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void this.send();
    }
  }

  async send() {
    const text = this.box.value.trim();
    if (!text || this.sending) return;
    const slash = slashCommand(text);
    if (slash && this.scope === "thread") return void this.store.notify("Slash commands do not work in threads. Write it in the channel.");
    if (slash && !this.store.state.commands.some((one) => one.command === slash.command)) {
      return void this.store.notify(`${slash.command} is not a command of this workspace.`);
    }
    this.sending = true;
    const { draftKey, place } = this;
    this.#set(draftKey, "");
    const answer = slash
      ? await this.store.act("command", { channel: place.channel, command: slash.command, text: slash.text })
      : await this.store.act("message", { channel: place.channel, text, ...(place.thread ? { thread_ts: place.thread } : {}) });
    this.sending = false;
    if (!answer.ok && !sessionStorage.getItem(draftKey)) this.#set(draftKey, text);
    else announce(slash ? "Command sent" : "Message sent");
  }

  /** Set a draft, and the box with it if the person still looks at that place. */
  #set(key, text) {
    sessionStorage.setItem(key, text);
    if (key !== this.draftKey) return;
    this.box.value = text;
    this.typed();
  }
}
