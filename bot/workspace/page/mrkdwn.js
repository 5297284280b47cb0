/** Slack's mrkdwn to DOM nodes. Entities are decoded exactly once, and only http and https addresses become links. */

import { el } from "./dom.js";
import { emoji, emojiOf } from "./emoji.js";
import { nameOf } from "./people.js";
import { slackDate } from "./times.js";

const TAGS = { "*": "strong", _: "em", "~": "s" };
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const SPECIAL = /[<`*_~:&\nh]/g;
const ADDRESS = /^https?:\/\/[^\s<>|"]+/;
const LIST_LINE = /^(\s*)(•|◦|-|\d{1,3}\.)\s+/;

/** Decode Slack's three entities, once: `&amp;lt;` stays `&lt;`. */
export const decode = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

/** A link that cannot reach this page, or plain text when the address is not http or https. */
export function link(url, label = url) {
  let address = null;
  try {
    address = new URL(url);
  } catch {
    return document.createTextNode(label === url ? url : `${label} (${url})`);
  }
  if (!/^https?:$/.test(address.protocol)) return document.createTextNode(label === url ? url : `${label} (${url})`);
  return el("a", { href: address.href, target: "_blank", rel: "noopener noreferrer", class: "link", title: url }, label);
}

const pill = (text, me) => el("span", { class: me ? "mention me" : "mention" }, text);

/** A mention of a person; one's own is highlighted. */
export const userMention = (store, id, label) => pill(`@${nameOf(store.user(id), label || id)}`, id === store.state.me.id);
export const channelMention = (store, id, label) => pill(`#${store.channel(id)?.name ?? label ?? id}`, false);
export const groupMention = (store, id, label) => pill(`@${store.group(id)?.handle ?? label?.replace(/^@/, "") ?? id}`, false);
export const broadcast = (range) => pill(`@${range}`, true);

/** The node for what stands between < and >, or null when it is nothing Slack knows. */
function angle(inner, store) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? null : decode(inner.slice(bar + 1));
  if (/^@[UW]\w*$/.test(target)) return userMention(store, target.slice(1), label);
  if (/^#[CDG]\w*$/.test(target)) return channelMention(store, target.slice(1), label);
  if (target.startsWith("!subteam^")) return groupMention(store, target.slice(9), label);
  if (/^!(here|channel|everyone)$/.test(target)) return broadcast(target.slice(1));
  if (target.startsWith("!date^")) {
    const [, seconds, pattern, url] = target.split("^");
    const text = slackDate(seconds, decode(pattern ?? "")) ?? label ?? "";
    return url ? link(decode(url), text) : el("time", { title: label ?? text }, text);
  }
  if (/^(https?:\/\/|mailto:|tel:)/.test(target)) return link(decode(target), label || decode(target));
  return null;
}

const opens = (text, at) => !/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ") && /\S/.test(text[at + 1] ?? " ") && text[at + 1] !== text[at];
const closes = (text, at) => /\S/.test(text[at - 1] ?? " ") && !/[\p{L}\p{N}]/u.test(text[at + 1] ?? " ");

/** Where the style opened at `from` ends on the same line, jumping over <…> and `…`; -1 when it does not. */
function closing(text, from, mark) {
  for (let at = from + 1; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === mark && at > from + 1 && closes(text, at)) return at;
    const other = { "<": ">", "`": "`" }[text[at]];
    if (other) {
      const end = text.indexOf(other, at + 1);
      if (end > 0) at = end;
    }
  }
  return -1;
}

/** One stretch of inline text. `open` holds the styles around it, so that none nests in itself. */
function inline(text, context, open = "") {
  const nodes = [];
  const unclosed = {};
  let plain = "";
  const put = (node) => {
    if (plain) nodes.push(document.createTextNode(plain));
    plain = "";
    if (node) nodes.push(node);
  };
  for (let at = 0; at < text.length;) {
    SPECIAL.lastIndex = at;
    const next = SPECIAL.exec(text)?.index ?? text.length;
    plain += text.slice(at, next);
    at = next;
    if (at === text.length) break;
    const [node, length] = piece(text, at, context, open, unclosed);
    if (node instanceof Node) put(node);
    else plain += node;
    at += length;
  }
  put(null);
  return nodes;
}

/** The node or literal text that starts at `at`, and how many characters it takes. */
function piece(text, at, context, open, unclosed) {
  const mark = text[at];
  const rest = text.slice(at, at + 3100);
  if (mark === "\n") return [el("br"), 1];
  if (mark === "&") {
    const entity = /^&(?:amp|lt|gt);/.exec(rest)?.[0];
    return entity ? [ENTITIES[entity], entity.length] : ["&", 1];
  }
  if (mark === "<") {
    const end = rest.indexOf(">");
    const node = end > 0 ? angle(rest.slice(1, end), context.store) : null;
    return node ? [node, end + 1] : ["<", 1];
  }
  if (mark === ":") {
    const name = /^:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/.exec(rest)?.[1];
    return name && emojiOf(name) ? [emoji(name), name.length + 2] : [":", 1];
  }
  if (mark === "h") {
    const found = context.verbatim || /\w/.test(text[at - 1] ?? "") ? null : ADDRESS.exec(rest)?.[0].replace(/(?:&gt;.*|[.,;:!?)\]']+)$/, "");
    return found ? [link(decode(found)), found.length] : ["h", 1];
  }
  if (mark === "`") {
    const end = /^`([^`\n]+)`/.exec(rest);
    return end ? [el("code", {}, decode(end[1])), end[0].length] : ["`", 1];
  }
  if (open.includes(mark) || !opens(text, at) || at < (unclosed[mark] ?? 0)) return [mark, 1];
  const end = closing(text, at, mark);
  if (end < 0) {
    const line = text.indexOf("\n", at);
    unclosed[mark] = line < 0 ? text.length : line;
    return [mark, 1];
  }
  return [el(TAGS[mark], {}, inline(text.slice(at + 1, end), context, open + mark)), end + 1 - at];
}

/** Lines outside fences: quotes and list lines become blocks of their own, the rest flows. */
function lines(text, context) {
  const nodes = [];
  let flow = [];
  let quoted = [];
  const end = () => {
    if (quoted.length) nodes.push(el("blockquote", {}, inline(quoted.join("\n"), context)));
    if (flow.length) nodes.push(el("div", { class: "flow" }, inline(flow.join("\n"), context)));
    [flow, quoted] = [[], []];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    const item = LIST_LINE.exec(line);
    if (Boolean(quote) !== quoted.length > 0 || item) end();
    if (quote) quoted.push(quote[1]);
    else if (item) nodes.push(el("div", { class: "hanging" }, el("span", { class: "bullet" }, `${item[1]}${item[2]} `), el("span", {}, inline(line.slice(item[0].length), context))));
    else flow.push(line);
  }
  end();
  return nodes;
}

/** Nodes for a whole mrkdwn text. `verbatim` leaves bare addresses as text, as Slack does. */
export function mrkdwn(text, store, { verbatim = false } = {}) {
  const context = { store, verbatim };
  const parts = text.split(/```\n?([\s\S]+?)\n?```/);
  return parts.flatMap((part, n) => {
    if (n % 2) return [el("pre", {}, el("code", {}, decode(part)))];
    const trimmed = parts.length > 1 ? part.replace(/^\n|\n$/g, "") : part;
    return trimmed ? lines(trimmed, context) : [];
  });
}

/** A plain_text object's text: literal, except for emoji unless it says `emoji: false`. */
export function plainText(object) {
  if (object.emoji === false) return [object.text];
  return object.text.split(/(:[a-z0-9_+'-]+:)/).map((part) => (/^:.+:$/.test(part) ? emoji(part.slice(1, -1)) : part));
}

/** Nodes for a text object of either kind. */
export function textObject(object, store) {
  return object.type === "mrkdwn" ? mrkdwn(object.text, store, object) : plainText(object);
}
