/** The page: the parts in their places, all fed from one store. */

import { showBlocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { el, focusBack, iconButton } from "./dom.js";
import { closeMenu } from "./menu.js";
import { MessageList } from "./messages.js";
import { Modals } from "./modal.js";
import { Notices } from "./notices.js";
import { Sidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { DeskPane, StoryBar } from "./story.js";
import { Topbar } from "./topbar.js";

const byId = (id) => document.getElementById(id);
const placeName = (store, { id, name }) => (store.channel(id)?.is_im ? name : `#${name}`);

/** The middle column: a channel with its messages, or the app's Home. */
class Main {
  constructor(node, store) {
    Object.assign(this, { node, store });
    this.title = el("h1", { class: "place" });
    this.topic = el("p", { class: "topic" });
    this.list = new MessageList("main", store, "Messages");
    this.composer = new Composer("main", store);
    this.home = el("div", { class: "home-view", tabindex: "0", "aria-label": "Home tab", role: "region" });
    node.append(el("header", { class: "place-head" }, this.title, this.topic), this.list.node, this.home, this.composer.node);
  }

  update() {
    const { state, route } = this.store;
    const { channel } = state;
    this.list.node.hidden = route.home || !channel;
    this.composer.node.hidden = route.home || !channel;
    this.home.hidden = !route.home;
    if (route.home) return this.#home(state);
    const name = channel && placeName(this.store, channel);
    this.title.textContent = name ?? "No channel";
    this.topic.textContent = channel ? channel.topic?.value ?? channel.topic ?? "" : "There is no channel here that you may see.";
    if (!channel || channel.id !== route.channel) return;
    this.list.log.setAttribute("aria-label", `Messages in ${name}`);
    this.list.update({ channel: channel.id }, channel.messages, `Nothing in ${name} yet.`);
    this.composer.update({ channel: channel.id }, `Message ${name}`);
  }

  #home(state) {
    this.title.textContent = `${state.app.name} Home`;
    this.topic.textContent = "What the app shows to you alone";
    const view = state.home;
    const scope = { store: this.store, name: "home", act: (press) => this.store.act("click", { view_id: this.store.state.home?.id, ...press }) };
    if (this.viewer !== state.me.id) {
      this.home.replaceChildren();
      this.home.shownBlocks = null;
      this.viewer = state.me.id;
    }
    if (view) showBlocks(this.home, view.blocks, scope);
    else {
      this.home.shownBlocks = null;
      this.home.replaceChildren(el("p", { class: "empty" }, `${state.app.name} has not published a Home for you yet.`));
    }
  }
}

/** The right-hand pane with one thread. */
class Thread {
  constructor(node, store) {
    Object.assign(this, { node, store });
    this.where = el("p", { class: "topic" });
    this.list = new MessageList("thread", store, "Thread");
    this.composer = new Composer("thread", store);
    node.append(el("header", { class: "place-head" }, el("h2", { class: "place" }, "Thread"), this.where, iconButton("close", "Close thread", () => this.close())),
      this.list.node, this.composer.node);
    node.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) this.close(); });
  }

  close() {
    const ts = this.store.route.thread;
    this.store.go({ thread: null });
    focusBack({ key: `main/${ts}/replies`, row: `main/${ts}` });
  }

  update() {
    const { state, route } = this.store;
    const open = Boolean(route.thread) && !route.home;
    const opening = open && this.node.hidden;
    this.node.hidden = !open;
    const loaded = this.loaded;
    this.loaded = true;  // a thread that a link opened leaves the focus alone
    if (!open) return;
    this.where.textContent = state.channel ? placeName(this.store, state.channel) : "";
    const { thread } = state;
    const place = { channel: route.channel, thread: route.thread };
    const here = thread?.parent?.ts === route.thread;
    if (here) this.list.update(place, [thread.parent, ...thread.replies], "");
    this.composer.update(place, "Reply…");
    if (opening && loaded) this.composer.box.focus();
  }
}

const store = new Store();
const sidebar = new Sidebar(byId("sidebar"), store);
const desk = new DeskPane(byId("desk"), store);
const parts = [
  new Topbar(byId("topbar"), store, sidebar), sidebar, new Main(byId("main"), store), new Thread(byId("thread"), store), new Modals(store),
  new StoryBar(byId("story"), store, desk), desk,
];
const notices = new Notices(byId("notices"), store);

store.onChange(() => {
  byId("away").hidden = store.online;
  document.body.classList.toggle("is-away", !store.online);
  notices.update();
  if (store.state) for (const part of parts) part.update();
});
window.addEventListener("popstate", () => closeMenu({ restore: false }));
void store.follow();
if (store.route.home) void store.act("home", {}, { quiet: true });
