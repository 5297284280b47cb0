/** Controls inside section, actions and context blocks: each press or choice is one act, confirmed first if the app asks so. */

import { control, plainValue } from "./controls.js";
import { confirmed } from "./dialog.js";
import { el, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { plainText } from "./mrkdwn.js";

/** Do an act once at a time; meanwhile the control says that it is busy. */
async function once(node, element, block, scope, value) {
  if (node.getAttribute("aria-busy") === "true") return false;
  if (element.confirm && !(await confirmed(element.confirm, scope.store))) return false;
  node.setAttribute("aria-busy", "true");
  await scope.act({ action_id: element.action_id, block_id: block.block_id, ...(value === undefined ? {} : { value }) });
  node.removeAttribute("aria-busy");
  return true;
}

const safeUrl = (url) => (/^https?:\/\//.test(url ?? "") ? url : null);

function button(element, block, scope) {
  const style = { primary: "primary", danger: "danger" }[element.style] ?? "";
  const url = safeUrl(element.url);
  const props = {
    class: `button ${style}`, "data-focus": `${scope.name}/${element.action_id}`, "data-action": element.action_id,
    "aria-label": element.accessibility_label,
  };
  if (url && !element.confirm) {
    return el("a", { ...props, href: url, target: "_blank", rel: "noopener noreferrer", onclick: (event) => void once(event.currentTarget, element, block, scope) }, plainText(element.text));
  }
  return el("button", {
    ...props, type: "button",
    onclick: async (event) => {
      const done = await once(event.currentTarget, element, block, scope);
      if (done && url) window.open(url, "_blank", "noopener");
    },
  }, plainText(element.text));
}

function overflow(element, block, scope) {
  const node = el("button", {
    type: "button", class: "button overflow", "aria-label": "More actions", title: "More actions", "aria-haspopup": "menu",
    "aria-expanded": "false", "data-focus": `${scope.name}/${element.action_id}`, "data-action": element.action_id,
  }, icon("more"));
  node.addEventListener("click", () => openMenu(node, {
    label: "More actions",
    items: element.options.map((option) => ({
      content: [el("span", {}, plainText(option.text)), option.description && el("small", {}, plainText(option.description))],
      choose: () => {
        const url = safeUrl(option.url);
        if (url) window.open(url, "_blank", "noopener");
        void once(node, element, block, scope, option.value);
      },
    })),
  }));
  return node;
}

/** The node for one interactive element. Throws on a type that this page does not draw. */
export function element(one, block, scope) {
  if (one.type === "button") return button(one, block, scope);
  if (one.type === "overflow") return overflow(one, block, scope);
  const node = control(one, {
    store: scope.store,
    label: one.placeholder?.text ?? "Choose",
    name: `${scope.name}/${one.action_id}`,
    state: scope.held?.(block.block_id, one.action_id),
    pick: (state) => {
      scope.keep?.(block.block_id, one.action_id, state);
      void once(node, one, block, scope, plainValue(state));
    },
  });
  return node;
}
