/** rich_text and standard Markdown blocks. Text elements are literal: no mention, link or markup is looked for in them. */

import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { broadcast, channelMention, groupMention, link, userMention } from "./mrkdwn.js";
import { slackDate } from "./times.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

const styled = (node, style = {}) =>
  Object.keys(STYLES).reduce((inner, name) => (style[name] ? el(STYLES[name], {}, inner) : inner), node);

const LEAVES = {
  text: (part) => document.createTextNode(part.text),
  link: (part) => link(part.url, part.text || part.url),
  user: (part, store) => userMention(store, part.user_id),
  usergroup: (part, store) => groupMention(store, part.usergroup_id),
  channel: (part, store) => channelMention(store, part.channel_id),
  broadcast: (part) => broadcast(part.range),
  emoji: (part) => emoji(part.name),
  date: (part) => document.createTextNode(slackDate(part.timestamp, part.format) ?? part.fallback ?? ""),
  color: (part) => el("code", {}, part.value),
};

const leaves = (parts, store) => parts.map((part) => styled(LEAVES[part.type](part, store), part.style));

function list(element, store) {
  const items = element.elements.map((item) => el("li", {}, leaves(item.elements, store)));
  const node = el(element.style === "ordered" ? "ol" : "ul", element.offset ? { start: element.offset + 1 } : {}, items);
  node.dataset.indent = Math.min(element.indent ?? 0, 6);
  return node;
}

const ELEMENTS = {
  rich_text_section: (element, store) => el("div", { class: "flow" }, leaves(element.elements, store)),
  rich_text_list: list,
  rich_text_preformatted: (element, store) => el("pre", {}, el("code", {}, leaves(element.elements, store))),
  rich_text_quote: (element, store) => el("blockquote", {}, leaves(element.elements, store)),
};

/** Nodes for a rich_text block or cell. Throws on an element that Slack does not have. */
export const richText = (block, store) => block.elements.map((element) => ELEMENTS[element.type](element, store));

const MARKS = /(\*\*|__)(.+?)\1|([*_])(.+?)\3|~~(.+?)~~|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/;

function marked(text) {
  const found = MARKS.exec(text);
  if (!found) return [text];
  const [, , bold, , italic, strike, code, label, url] = found;
  const node = bold ? el("strong", {}, marked(bold)) : italic ? el("em", {}, marked(italic))
    : strike ? el("s", {}, marked(strike)) : code ? el("code", {}, code) : link(url, label);
  return [text.slice(0, found.index), node, ...marked(text.slice(found.index + found[0].length))];
}

const MARKDOWN_LINES = [
  [/^(#{1,6})\s+(.*)$/, (m) => el("p", { class: `heading level-${m[1].length}`, role: "heading", "aria-level": m[1].length + 2 }, marked(m[2]))],
  [/^>\s?(.*)$/, (m) => el("blockquote", {}, marked(m[1]))],
  [/^\s*[-*+]\s+(.*)$/, (m) => el("div", { class: "hanging" }, el("span", { class: "bullet" }, "• "), el("span", {}, marked(m[1])))],
  [/^\s*(\d+\.)\s+(.*)$/, (m) => el("div", { class: "hanging" }, el("span", { class: "bullet" }, `${m[1]} `), el("span", {}, marked(m[2])))],
  [/^(?:---+|\*\*\*+)$/, () => el("hr")],
  [/^\s*$/, () => null],
];

/** Nodes for a markdown block: headings, lists, quotes, fences, links and emphasis. */
export function markdown(text) {
  return text.split(/```[^\n]*\n([\s\S]*?)\n?```/).flatMap((part, n) => {
    if (n % 2) return [el("pre", {}, el("code", {}, part))];
    return part.split("\n").map((line) => {
      const rule = MARKDOWN_LINES.find(([pattern]) => pattern.test(line));
      return rule ? rule[1](rule[0].exec(line)) : el("div", { class: "flow" }, marked(line));
    });
  });
}
