/** The sidebar: the app's Home and the channels, with what is new. On small screens it is a drawer. */

import { el, icon, keepFocus } from "./dom.js";
import { avatar } from "./people.js";

export class Sidebar {
  constructor(node, store) {
    Object.assign(this, { node, store });
    node.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.isOpen) { event.stopPropagation(); this.close(); } });
    this.shade = el("div", { class: "shade", hidden: true, onclick: () => this.close() });
    node.after(this.shade);
  }

  get isOpen() {
    return document.body.classList.contains("drawer-open");
  }

  open() {
    document.body.classList.add("drawer-open");
    this.shade.hidden = false;
    document.getElementById("main").inert = true;
    (this.node.querySelector("[aria-current]") ?? this.node.querySelector("button"))?.focus();
    this.opened?.(true);
  }

  close() {
    if (!this.isOpen) return;
    document.body.classList.remove("drawer-open");
    this.shade.hidden = true;
    document.getElementById("main").inert = false;
    document.getElementById("menu-button")?.focus();
    this.opened?.(false);
  }

  #entry({ key, current, marks, act, content, label }) {
    return el("li", {}, el("button", {
      type: "button", class: "entry", "data-focus": key, "aria-current": current ? "page" : null, "aria-label": label,
      onclick: () => { act(); this.close(); },
    }, content, marks));
  }

  update() {
    const { state, route } = this.store;
    const like = JSON.stringify([state.channels, state.me.id, route.channel, route.home]);
    if (like === this.like) return;
    this.like = like;
    const bot = this.store.user(state.app.bot_user_id) ?? { id: state.app.bot_user_id, real_name: state.app.name, is_bot: true };
    const entries = state.channels.filter((channel) => !channel.is_archived || channel.id === route.channel).map((channel) => {
      const current = !route.home && channel.id === route.channel;
      const news = !current && channel.unread > 0;
      const label = `${channel.name}${news ? `, ${channel.unread} unread` : ""}${news && channel.mentions ? `, ${channel.mentions} mention you` : ""}`;
      const marks = news && el("span", { class: channel.mentions ? "count mentions" : "count", "aria-hidden": "true" }, String(channel.mentions || channel.unread));
      const item = this.#entry({ key: `channel/${channel.id}`, current, label, marks, act: () => this.store.go({ channel: channel.id }), content: [channel.is_im ? avatar(bot, bot.id, "small") : el("span", { class: "hash", "aria-hidden": "true" }, "#"), el("span", { class: "entry-name" }, channel.name)] });
      item.firstChild.classList.toggle("news", news);
      item.firstChild.classList.toggle("outside", !channel.is_member);
      return { item, direct: channel.is_im };
    });
    const list = (direct) => el("ul", { class: "entries" }, entries.filter((entry) => Boolean(entry.direct) === direct).map((entry) => entry.item));
    const home = this.#entry({
      key: "home", current: route.home, label: `${state.app.name}, Home`, marks: el("span", { class: "badge" }, "APP"),
      act: () => { this.store.go({ home: true }); void this.store.act("home", {}); },
      content: [avatar(bot, bot.id, "small"), el("span", { class: "entry-name" }, `${state.app.name} Home`)],
    });
    keepFocus(() => this.node.replaceChildren(
      el("h2", { class: "side-title" }, "Channels"), list(false),
      ...(entries.some((entry) => entry.direct) ? [el("h2", { class: "side-title" }, "Direct messages"), list(true)] : []),
      el("h2", { class: "side-title" }, "Apps"), el("ul", { class: "entries" }, home),
      el("p", { class: "side-note" }, icon("eye"), "A local workspace. Nothing leaves this machine.")));
  }
}
