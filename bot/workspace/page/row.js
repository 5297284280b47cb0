/** One message on the page: author, body, reactions, thread link, toolbar. Each part changes only when its own words do. */

import { messageText, showBlocks } from "./blocks.js";
import { el, icon, iconButton, keepFocus } from "./dom.js";
import { emoji } from "./emoji.js";
import { fileCard } from "./files.js";
import { openEmoji, openMenu } from "./menu.js";
import { avatar, badge, nameOf } from "./people.js";
import { clock, exact, moment } from "./times.js";

export class Row {
  /** `place` is {scope, channel, parent}: in which list the row stands, and whether it is a thread's first message. */
  constructor(message, store, place) {
    Object.assign(this, { store, place, parts: {} });
    this.name = `${place.scope}/${message.ts}`;
    this.gutter = el("div", { class: "gutter" });
    this.head = el("div", { class: "author" });
    this.body = el("div", { class: "body" });
    this.extra = el("div", { class: "extra" });
    this.reactions = el("div", { class: "reactions" });
    this.foot = el("div", { class: "row-foot" });
    this.tools = el("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" });
    this.node = el("article", { class: "row", "data-row": this.name, "data-ts": message.ts, tabindex: "-1" },
      this.gutter, el("div", { class: "column" }, this.head, this.body, this.extra, this.reactions, this.foot), this.tools);
    this.scope = { store, name: this.name, act: (press) => store.act("click", { channel: place.channel, ts: message.ts, ...press }) };
  }

  /** Show the message as it is now; `follows` leaves out an author already named just above. */
  take(message, follows) {
    const author = this.store.user(message.user);
    this.message = message;
    this.node.classList.toggle("follows", follows);
    this.node.classList.toggle("private", Boolean(message.is_ephemeral));
    this.#part("head", [author, message.ts, message.edited, follows, message.is_ephemeral], () => this.#author(message, author));
    this.#part("body", [message.text, message.blocks, message.subtype, message.edited], () => this.#body(message));
    this.#part("extra", [message.files, message.attachments], () => this.#extra(message));
    this.#part("reactions", message.reactions ?? [], () => this.#reactions(message));
    this.#part("foot", [message.reply_count, message.latest_reply, message.reply_users], () => this.#thread(message));
    this.#part("tools", [message.is_ephemeral, message.subtype], () => this.#tools(message));
    const header = message.blocks?.find((block) => block.type === "header")?.text?.text;
    const words = (message.text || header || (message.files ?? []).map((file) => file.title).join(", ")).slice(0, 160);
    this.node.setAttribute("aria-label", `${nameOf(author, message.user)}, ${clock(message.ts)}${message.is_ephemeral ? ", only visible to you" : ""}: ${words}`);
  }

  #part(name, words, draw) {
    const like = JSON.stringify(words);
    if (this.parts[name] === like) return;
    this.parts[name] = like;
    keepFocus(draw);
  }

  #author(message, author) {
    const gone = message.subtype === "tombstone";
    const time = el("time", { class: "time", title: exact(message.ts), datetime: new Date(message.ts * 1000).toISOString() }, clock(message.ts));
    this.gutter.replaceChildren(gone ? el("span") : avatar(author, message.user ?? "?"));
    this.head.replaceChildren(...[
      message.is_ephemeral && el("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
      !gone && el("span", { class: "name" }, nameOf(author, message.bot_profile?.name ?? message.user)),
      !gone && badge(author, message), time,
    ].filter(Boolean));
  }

  #body(message) {
    const { blocks, text } = message;
    if (blocks?.length) showBlocks(this.body, blocks, this.scope);
    else {
      this.body.shownBlocks = null;
      const words = messageText(text ?? "", this.store);
      if (message.subtype === "tombstone") words.classList.add("gone");
      this.body.replaceChildren(words);
    }
    if (message.edited) this.#edited(message);
  }

  #edited(message) {
    this.mark ??= el("span", { class: "edited" }, "(edited)");
    this.mark.title = `Changed ${moment(message.edited.ts)}`;
    const last = this.body.lastElementChild;
    (message.blocks?.length ? this.body : last ?? this.body).append(this.mark);
  }

  #extra(message) {
    this.extra.replaceChildren(...(message.attachments ?? []).map((attachment) => {
      const bar = el("div", { class: "attachment" });
      if (/^#?[0-9a-f]{6}$/i.test(attachment.color ?? "")) bar.style.borderColor = `#${attachment.color.replace("#", "")}`;
      if (attachment.blocks) showBlocks(bar, attachment.blocks, this.scope);
      else bar.append(messageText(attachment.text ?? attachment.fallback ?? "", this.store));
      return bar;
    }), ...(message.files ?? []).map(fileCard));
  }

  react(name) {
    const mine = this.message.reactions?.find((one) => one.name === name)?.users.includes(this.store.state.me.id);
    return this.store.act("react", { channel: this.place.channel, ts: this.message.ts, name, ...(mine ? { remove: true } : {}) });
  }

  #adder(props) {
    return iconButton("smile", "Add a reaction", (event) => openEmoji(event.currentTarget, (name) => void this.react(name)), { "aria-haspopup": "menu", "aria-expanded": "false", ...props });
  }

  #reactions(message) {
    const me = this.store.state.me.id;
    const pills = (message.reactions ?? []).map((one) => {
      const who = one.users.map((id) => (id === me ? "You" : nameOf(this.store.user(id), id)));
      const mine = one.users.includes(me);
      return el("button", {
        type: "button", class: "reaction", "aria-pressed": String(mine), title: `${who.join(", ")} reacted with :${one.name}:`,
        "aria-label": `${one.name.replaceAll("_", " ")}, ${one.count}: ${who.join(", ")}`, "data-focus": `${this.name}/reaction/${one.name}`,
        onclick: () => void this.react(one.name),
      }, emoji(one.name), el("span", {}, String(one.count)));
    });
    this.reactions.replaceChildren(...pills, ...(pills.length ? [this.#adder({ "data-focus": `${this.name}/add`, class: "reaction add" })] : []));
  }

  #thread(message) {
    this.foot.replaceChildren();
    if (!message.reply_count || this.place.scope !== "main") return;
    const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(this.store.user(id), id, "small"));
    this.foot.append(el("button", { type: "button", class: "replies", "data-focus": `${this.name}/replies`, onclick: () => this.openThread() },
      faces, el("span", { class: "reply-count" }, message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`),
      message.latest_reply && el("span", { class: "muted" }, `Last ${moment(message.latest_reply)}`)));
  }

  openThread() {
    this.store.go({ thread: this.message.ts });
  }

  #tools(message) {
    this.tools.replaceChildren();
    if (message.is_ephemeral || message.subtype === "tombstone") return;
    const quick = ["eyes", "white_check_mark"].map((name) => el("button", {
      type: "button", class: "icon-button", "aria-label": `React with ${name.replaceAll("_", " ")}`, title: `:${name}:`,
      "data-focus": `${this.name}/quick/${name}`, onclick: () => void this.react(name),
    }, emoji(name)));
    this.tools.append(...quick, this.#adder({ "data-focus": `${this.name}/smile` }));
    if (this.place.scope === "main") this.tools.append(iconButton("reply", "Reply in thread", () => this.openThread(), { "data-focus": `${this.name}/reply` }));
    this.#shortcuts();
  }

  /** "Message actions": the app's message shortcuts. Where nothing hovers, a tap on the message shows it. */
  #shortcuts() {
    const shortcuts = this.store.state.shortcuts ?? [];
    if (!shortcuts.length) return;
    const items = shortcuts.map((one) => ({
      content: one.name, choose: () => void this.store.act("shortcut", { channel: this.place.channel, ts: this.message.ts, callback_id: one.callback_id }),
    }));
    const more = iconButton("more", "Message actions", (event) => openMenu(event.currentTarget, { label: "Message actions", items }), { "aria-haspopup": "menu", "aria-expanded": "false", "data-focus": `${this.name}/more` });
    this.tools.append(more);
  }
}
