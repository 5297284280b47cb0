/** The bar on top: the team, and who one acts as, which is the one thing nobody may overlook. */

import { el, icon, iconButton, keepFocus } from "./dom.js";
import { openMenu } from "./menu.js";
import { avatar, byName, nameOf, roleOf } from "./people.js";

export class Topbar {
  constructor(node, store, sidebar) {
    Object.assign(this, { node, store, sidebar });
    sidebar.opened = (open) => this.drawer.setAttribute("aria-expanded", String(open));
    this.drawer = iconButton("menu", "Channels", () => (sidebar.isOpen ? sidebar.close() : sidebar.open()), { id: "menu-button", class: "icon-button drawer-button", "aria-expanded": "false", "aria-controls": "sidebar" });
    this.team = el("div", { class: "team" });
    this.person = el("button", { type: "button", class: "acting", id: "acting", "aria-haspopup": "menu", "aria-expanded": "false", "data-focus": "acting", onclick: () => this.#choose() });
    this.theme = iconButton("moon", "Switch to dark", () => this.#turn(), { class: "icon-button theme" });
    const skip = el("button", { type: "button", class: "skip", onclick: () => document.querySelector(".main .log, .home-view")?.focus() }, "Skip to the conversation");
    node.append(skip, this.drawer, this.team, this.person, this.theme);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#showTheme());
    this.#showTheme();
  }

  #isDark() {
    return (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  }

  #turn() {
    const next = this.#isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    this.#showTheme();
  }

  #showTheme() {
    const label = this.#isDark() ? "Switch to light" : "Switch to dark";
    this.theme.replaceChildren(icon(this.#isDark() ? "sun" : "moon"));
    this.theme.setAttribute("aria-label", label);
    this.theme.title = label;
  }

  #choose() {
    const { users, me } = this.store.state;
    openMenu(this.person, {
      label: "Act as", kind: "people-menu",
      items: byName(users).filter((user) => !user.is_bot && !user.deleted).map((user) => ({
        checked: user.id === me.id,
        content: [avatar(user), el("span", { class: "who" }, el("strong", {}, nameOf(user)), el("small", {}, roleOf(user)))],
        choose: () => this.store.go({ user: user.id }),
      })),
    });
  }

  update() {
    const { me, team } = this.store.state;
    const like = JSON.stringify([me, team]);
    if (like === this.like) return;
    this.like = like;
    document.title = `${team.name} · ${nameOf(me)}`;
    this.team.textContent = team.name;
    this.person.setAttribute("aria-label", `Acting as ${nameOf(me)}, ${roleOf(me)}. Switch person`);
    keepFocus(() => this.person.replaceChildren(
      avatar(me), el("span", { class: "who" }, el("span", { class: "who-line" }, el("span", { class: "acting-as" }, "Acting as "), el("strong", {}, nameOf(me))), el("small", {}, roleOf(me))), icon("down")));
  }
}
