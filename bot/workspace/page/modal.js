/** The app's modals for the acting person: the topmost view of the stack in one dialog, typed values kept through updates. */

import { showBlocks } from "./blocks.js";
import { Dialog } from "./dialog.js";
import { el, tabStops } from "./dom.js";
import { showError } from "./inputs.js";
import { plainText } from "./mrkdwn.js";

const SILENT = "The app did not answer in time. What you typed is still here; try again.";

class ViewForm {
  constructor(view, store) {
    this.store = store;
    this.values = {};
    this.body = el("div", { class: "view-body" });
    this.trouble = el("p", { class: "error trouble", role: "alert", hidden: true });
    this.scope = {
      store,
      name: `view/${view.id}`,
      act: (press) => store.act("click", { view_id: view.id, ...press }),
      held: (block, action) => this.values[block]?.[action] ?? this.view.state?.values?.[block]?.[action],
      keep: (block, action, state) => { (this.values[block] ??= {})[action] = state; },
    };
    this.take(view);
  }

  take(view) {
    const changed = this.view?.hash !== view.hash;
    this.view = view;
    if (changed) showBlocks(this.body, view.blocks, this.scope);
    const errors = JSON.stringify(view.errors ?? {});
    if (errors !== this.errors && this.errors !== undefined) this.complain(view.errors ?? {});
    this.errors = errors;
  }

  rowOf(block) {
    return this.body.querySelector(`[data-block="${CSS.escape(block)}"] > .field`);
  }

  /** Show what is wrong, by block id, and go to the first wrong field. */
  complain(errors) {
    const wrong = this.view.blocks.filter((block) => block.type === "input")
      .map((block) => this.rowOf(block.block_id) && showError(this.rowOf(block.block_id), errors[block.block_id] ?? null)).filter(Boolean);
    wrong[0]?.focus();
  }

  say(text) {
    this.trouble.textContent = text ?? "";
    this.trouble.hidden = !text;
  }

  /** Everything the form holds now: what the server kept, overlaid with what was typed here. */
  current() {
    const known = this.view.state?.values ?? {};
    const ids = new Set([...Object.keys(known), ...Object.keys(this.values)]);
    return Object.fromEntries([...ids].map((block) => [block, { ...known[block], ...this.values[block] }]));
  }
}

export class Modals {
  constructor(store) {
    this.store = store;
    this.forms = new Map();
    this.closed = new Set();
    this.shown = null;
    this.dialog = new Dialog({ leave: () => void this.#leave() });
    this.dialog.form.addEventListener("submit", (event) => { event.preventDefault(); void this.#submit(); });
    this.dialog.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) this.dialog.form.requestSubmit();
    });
  }

  update() {
    const views = this.store.state.views.filter((view) => !this.closed.has(view.id));
    for (const id of [...this.forms.keys()]) if (!views.some((view) => view.id === id)) this.forms.delete(id);
    for (const view of views) {
      if (this.forms.has(view.id)) this.forms.get(view.id).take(view);
      else this.forms.set(view.id, new ViewForm(view, this.store));
    }
    const top = views.at(-1);
    if (!top) {
      this.shown = null;
      this.dialog.close();
    } else if (this.shown !== top.id || this.hash !== top.hash) this.#show(top, this.shown !== top.id);
  }

  #show(view, fresh) {
    const form = this.forms.get(view.id);
    this.shown = view.id;
    this.hash = view.hash;
    this.dialog.title.replaceChildren(...plainText(view.title));
    this.submit = view.submit ? el("button", { type: "submit", class: "button primary", "data-focus": "view/submit" }, plainText(view.submit)) : null;
    const close = el("button", { type: "button", class: "button", "data-focus": "view/close", onclick: () => void this.#leave() }, plainText(view.close ?? { text: "Close" }));
    const held = document.activeElement?.dataset.focus;
    this.dialog.foot.replaceChildren(...[close, this.submit].filter(Boolean));
    if (fresh) this.dialog.body.replaceChildren(form.body, form.trouble);
    this.dialog.open();
    const stops = tabStops(form.body);
    const first = form.body.querySelector("[data-first]") ?? stops.find((node) => !node.matches("button, a")) ?? this.submit ?? close;  // a page is read from its top, not from its first link
    if (fresh) first.focus();
    else if (held?.startsWith("view/")) this.dialog.foot.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus();
  }

  async #submit() {
    const form = this.forms.get(this.shown);
    if (!this.submit || this.submit.getAttribute("aria-busy") === "true") return;
    this.submit.setAttribute("aria-busy", "true");
    form.say(null);
    form.complain({});
    const answer = await this.store.act("submit", { view_id: form.view.id, values: form.current() }, { quiet: true });
    this.submit?.removeAttribute("aria-busy");
    const errors = answer.body?.errors ?? answer.errors;
    if (errors) form.complain(errors);
    else if (answer.acked === false) form.say(SILENT);
    else if (!answer.ok) form.say(`Not sent: ${String(answer.error ?? "no reason given").replaceAll("_", " ")}.`);
  }

  async #leave() {
    const id = this.shown;
    if (!id) return;
    this.closed.add(id);
    this.update();
    const answer = await this.store.act("close", { view_id: id });
    if (!answer.ok) this.closed.delete(id);
  }
}
