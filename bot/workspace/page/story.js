/** The demo's story: a bar with Next and Skip, and the desk's ticket beside the chat. Without a story neither is there. */

import { announce, el, iconButton, keepFocus } from "./dom.js";

const MARKS = { done: "✓", failed: "✗", playing: "…", skipped: "–" };
const WORDS = { done: "seen", failed: "not seen", playing: "playing", skipped: "skipped" };

/** A line with `code` between backticks. */
const spoken = (line) => line.split("`").map((part, n) => (n % 2 ? el("code", {}, part) : part));

export class StoryBar {
  constructor(node, store, pane) {
    Object.assign(this, { node, store, pane, turn: null, busy: false });
    this.text = el("div", { class: "story-text", id: "story-text" });
    this.fold = iconButton("down", "Fold the story", () => this.#fold(), { class: "icon-button story-fold", "aria-expanded": "true", "aria-controls": "story-text" });
    this.next = el("button", { type: "button", class: "button primary", "data-focus": "story/next", onclick: () => this.#ask("next") }, "Next");
    this.skip = el("button", { type: "button", class: "button", "data-focus": "story/skip", onclick: () => this.#ask("skip") }, "Skip");
    this.chatTab = el("button", { type: "button", class: "story-tab", "aria-pressed": "true", onclick: () => this.#tab(false) }, "Chat");
    this.deskTab = el("button", { type: "button", class: "story-tab", "aria-pressed": "false", onclick: () => this.#tab(true) }, "Desk");
    this.desk = el("button", { type: "button", class: "button story-desk", "aria-pressed": "false", onclick: () => { pane.toggle(); this.#tabs(); } }, "Desk");
    node.append(this.text, el("div", { class: "story-acts" }, this.next, this.skip, this.desk, this.fold),
      el("div", { class: "story-tabs", role: "group", "aria-label": "What to look at" }, this.chatTab, this.deskTab));
  }

  async #ask(verb) {
    if (this.busy) return;
    this.busy = true;
    this.#tab(false);
    await this.store.act(`story/${verb}`, {});
    this.busy = false;
  }

  #fold() {
    const folded = this.node.classList.toggle("folded");
    this.fold.setAttribute("aria-expanded", String(!folded));
    this.fold.setAttribute("aria-label", folded ? "Unfold the story" : "Fold the story");
  }

  #tab(desk) {
    document.body.classList.toggle("desk-tab", desk);
    if (desk) this.pane.open();
    this.#tabs();
  }

  #tabs() {
    const desk = document.body.classList.contains("desk-tab");
    this.chatTab.setAttribute("aria-pressed", String(!desk));
    this.deskTab.setAttribute("aria-pressed", String(desk));
    this.desk.setAttribute("aria-pressed", String(this.pane.isOpen));
  }

  #follow({ view, turn }) {
    const first = this.turn === null;
    if (turn === this.turn) return;
    this.turn = turn;
    document.body.classList.toggle("as-phone", Boolean(view.phone));
    if (view.ticket) this.pane.show(view.ticket);
    if (first) return;  // a page that was just loaded stays where its address says
    const to = Object.fromEntries(["user", "channel", "thread", "home", "message"].filter((key) => key in view).map((key) => [key, view[key]]));
    if (to.home) delete to.channel;
    this.store.go({ ...to, home: Boolean(view.home) });
  }

  #words(story) {
    const { scene, state, lines, problem, next, scenes, at } = story;
    const head = scene
      ? el("h2", { class: "story-title" }, el("span", { class: "muted" }, `${at + 1} of ${scenes.length}`), ` ${scene.title} `, el("span", { class: `story-mark ${state}`, title: WORDS[state] }, MARKS[state]))
      : el("h2", { class: "story-title" }, "The story of Handoff");
    const seen = el("ul", { class: "story-lines" }, lines.map((line) => el("li", {}, "✓ ", spoken(line))), problem && el("li", { class: "story-problem" }, `✗ ${problem}`));
    const about = scene ? [el("p", {}, scene.what), el("p", { class: "muted" }, scene.look)] : [el("p", {}, "Next plays one scene. Between scenes everything is yours: click, type, change who you are.")];
    const after = next && el("p", { class: "story-next" }, el("strong", {}, `Next: ${next.title}. `), next.what);
    return [el("div", { class: "story-about" }, head, about, after), lines.length || problem ? seen : null].filter(Boolean);
  }

  update() {
    const { story } = this.store.state;
    this.node.hidden = !story;
    if (!story) return;
    this.#follow(story);
    const playing = story.state === "playing";
    this.next.disabled = this.skip.disabled = playing || !story.next;
    const like = JSON.stringify([story.at, story.state, story.lines, story.problem]);
    if (like === this.like) return;
    this.like = like;
    this.node.dataset.state = story.state;
    keepFocus(() => this.text.replaceChildren(...this.#words(story)));
    this.text.scrollTop = playing ? this.text.scrollHeight : 0;
    if (!playing && story.scene) announce(`${story.scene.title}: ${WORDS[story.state]}`);
    this.pane.refresh();
    this.#tabs();
  }
}

/** The right-hand pane: the desk's own pages, entered as the acting person. */
export class DeskPane {
  constructor(node, store) {
    Object.assign(this, { node, store, ticket: null, isOpen: false, source: "" });
    this.frame = el("iframe", { class: "desk-frame", title: "The desk's ticket" });
    node.append(this.frame);
  }

  show(ticket) {
    this.ticket = String(ticket);
    this.open();
  }

  open() {
    this.isOpen = true;
    this.#load();
  }

  toggle() {
    if (this.isOpen) {
      this.isOpen = false;
      this.node.hidden = true;
      document.body.classList.remove("with-desk");
    } else this.open();
  }

  #address() {
    const to = this.ticket ? `/desk/tickets/${this.ticket}` : "/desk/tickets";
    return `/_desk/enter?${new URLSearchParams({ user: this.store.route.user ?? "", to })}`;
  }

  #load() {
    this.node.hidden = false;
    document.body.classList.add("with-desk");
    const source = this.#address();
    if (source === this.source) return;
    this.source = source;
    this.frame.src = source;
  }

  /** Read the page again where it stands, unless somebody is working in it. */
  refresh() {
    if (!this.isOpen || !this.source || document.activeElement === this.frame) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (document.activeElement !== this.frame) this.frame.contentWindow?.location.reload();
    }, 700);
  }

  update() {
    if (!this.isOpen) return;
    this.#load();
    const like = JSON.stringify(this.store.state.channel?.messages ?? null);
    if (like !== this.like && this.like !== undefined) this.refresh();
    this.like = like;
  }
}
