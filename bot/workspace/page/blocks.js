/** Blocks to DOM nodes. Each block has an error boundary of its own: a broken one shows a calm line, never a broken page. */

import { el, keepFocus, reconcile } from "./dom.js";
import { element as control } from "./elements.js";
import { fileAddress } from "./files.js";
import { field } from "./inputs.js";
import { link, mrkdwn, plainText, textObject } from "./mrkdwn.js";
import { markdown, richText } from "./richtext.js";
import { table } from "./table.js";

function section(block, scope) {
  const { store } = scope;
  if (!block.text && !block.fields) throw new Error("a section needs text or fields");
  const texts = el("div", { class: "section-text" },
    block.text && el("div", { class: "text" }, textObject(block.text, store)),
    block.fields && el("div", { class: "fields" }, block.fields.map((one) => el("div", { class: "text" }, textObject(one, store)))));
  return el("div", { class: "section" }, texts, block.accessory && el("div", { class: "accessory" }, part(block.accessory, block, scope)));
}

/** An element inside a section or actions block: a picture or a control. */
function part(one, block, scope) {
  return one.type === "image" ? picture(one, "thumb") : control(one, block, scope);
}

function picture(image, kind) {
  const url = image.image_url ?? fileAddress(image.slack_file);
  const alt = image.alt_text ?? "";
  const node = el("img", { class: kind, src: url, alt, loading: "lazy" });
  node.addEventListener("error", () => {
    node.replaceWith(el("span", { class: "no-picture" }, "Picture not shown: ", url ? link(new URL(url, location.href).href, alt || url) : alt));
  });
  return node;
}

const BLOCKS = {
  header: (block) => el("h3", { class: "block-header" }, plainText(block.text)),
  section,
  context: (block, { store }) => el("div", { class: "context" }, block.elements.map((one) =>
    one.type === "image" ? picture(one, "tiny") : el("span", { class: "text" }, textObject(one, store)))),
  actions: (block, scope) => el("div", { class: "actions" }, block.elements.map((one) => part(one, block, scope))),
  divider: () => el("hr", { class: "divider" }),
  image: (block) => el("figure", { class: "figure" }, block.title && el("figcaption", {}, plainText(block.title)), picture(block, "large")),
  rich_text: (block, { store }) => el("div", { class: "text rich" }, richText(block, store)),
  markdown: (block) => el("div", { class: "text rich" }, markdown(block.text)),
  table: (block, { store }) => table(block, store),
  input: field,
};

/** The node for one block; anything wrong inside it ends here. */
function rendered(block, scope) {
  const draw = Object.hasOwn(BLOCKS, block?.type) ? BLOCKS[block.type] : null;
  try {
    if (!draw) throw new Error("this page does not draw such a block");
    const node = el("div", { class: `block ${block.type}-block` }, draw(block, scope));
    if (block.block_id) node.dataset.block = block.block_id;
    return node;
  } catch (problem) {
    console.warn("block not shown", block, problem.message);  // the reason is for developers, the line for everybody
    return el("div", { class: "block broken" }, `This part cannot be shown here (${String(block?.type ?? "no type")}).`);
  }
}

/** What makes a block the same as before. Generated block ids change with every edit and do not count, except for inputs. */
const likeness = (block) => JSON.stringify(block?.type === "input" ? block : { ...block, block_id: undefined });

/** Show `blocks` in `parent`, keeping every node whose block did not change. */
export function showBlocks(parent, blocks, scope) {
  const before = [...(parent.shownBlocks ?? [])];
  const now = blocks.map((block) => {
    const like = likeness(block);
    const at = before.findIndex((entry) => entry.like === like);
    if (at < 0) {
      const kept = { ...block };
      return { like, kept, node: rendered(kept, scope) };
    }
    const [entry] = before.splice(at, 1);
    entry.kept.block_id = block.block_id;  // clicks name the newest id
    return entry;
  });
  parent.shownBlocks = now;
  keepFocus(() => reconcile(parent, now.map((entry) => entry.node)));
}

/** A message's text when it has no blocks. */
export const messageText = (text, store) => el("div", { class: "text" }, mrkdwn(text, store));
