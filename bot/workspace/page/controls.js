/** Controls that hold a value. Each reports Slack's state object through `pick(state)`; `plainValue` gives its bare value. */

import { el } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";
import { byName, nameOf, roleOf } from "./people.js";
import { picker } from "./picker.js";

const flat = (element) => [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];

/** The bare value of a state object: a text, an option's value, an id, or a list of those. */
export function plainValue(state) {
  const { type: _type, ...held } = state;
  const [value] = Object.values(held);
  if (Array.isArray(value)) return value.map((one) => one?.value ?? one);
  return value?.value ?? value ?? "";
}

function text(element, { pick, state, name, label }, type = "text") {
  const many = element.multiline;
  const node = el(many ? "textarea" : "input", {
    ...(many ? { rows: 4 } : { type }), class: "input", "aria-label": label, "data-focus": name, autocomplete: "off",
    placeholder: element.placeholder?.text, maxlength: element.max_length, minlength: element.min_length,
    min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : null,
    value: state?.value ?? element.initial_value ?? "",
  });
  node.addEventListener("input", () => pick({ type: element.type, value: node.value || null }));
  return node;
}

function select(element, { pick, state, name, label }) {
  const options = flat(element);
  const chosen = (state ? state.selected_option : element.initial_option)?.value;
  const choice = (option) => el("option", { value: option.value, selected: option.value === chosen }, option.text.text);
  const node = el("select", { class: "input select", "aria-label": label, "data-focus": name, "data-action": element.action_id },
    el("option", { value: "", selected: chosen === undefined }, element.placeholder?.text ?? "Choose an option"),
    (element.options ?? []).map(choice),
    (element.option_groups ?? []).map((group) => el("optgroup", { label: group.label.text }, group.options.map(choice))));
  node.addEventListener("change", () => {
    pick({ type: element.type, selected_option: options.find((option) => option.value === node.value) ?? null });
  });
  return node;
}

function boxes(element, { pick, state, name, label, store }) {
  const many = element.type === "checkboxes";
  const given = many ? state?.selected_options ?? element.initial_options : [state?.selected_option ?? element.initial_option];
  const chosen = new Set((given ?? []).filter(Boolean).map((option) => option.value));
  const group = `group-${crypto.randomUUID()}`;
  const node = el("div", { class: "choices", role: many ? "group" : "radiogroup", "aria-label": label });
  const inputs = element.options.map((option, n) => {
    const input = el("input", { type: many ? "checkbox" : "radio", name: group, value: option.value, checked: chosen.has(option.value), "data-focus": `${name}/${n}` });
    const words = el("span", {}, textObject(option.text, store), option.description && el("small", {}, textObject(option.description, store)));
    node.append(el("label", { class: "choice" }, input, words));
    return input;
  });
  node.addEventListener("change", () => {
    const picked = element.options.filter((_option, n) => inputs[n].checked);
    pick(many ? { type: element.type, selected_options: picked } : { type: element.type, selected_option: picked[0] ?? null });
  });
  return node;
}

const moment = (type, key, initial) => (element, { pick, state, name, label }) => {
  const node = el("input", { type, class: "input", "aria-label": label, "data-focus": name, "data-action": element.action_id, value: (state ? state[key] : element[initial]) ?? "" });
  node.addEventListener("change", () => pick({ type: element.type, [key]: node.value || null }));
  return node;
};

const people = (store) => byName(store.state.users).filter((user) => !user.deleted && !user.is_bot)
  .map((user) => ({ value: user.id, text: nameOf(user), detail: roleOf(user), search: `${user.name} ${user.profile?.display_name ?? ""}`, user }));
const channels = (store) => store.state.channels.filter((channel) => !channel.is_archived).map((channel) => ({ value: channel.id, text: `#${channel.name}` }));
const choices = (element) => flat(element).map((option) => ({ value: option.value, text: option.text.text, option }));

const idPicker = (items, key, initial, many) => (element, options) => picker({
  ...options, many, items: items(options.store), action: element.action_id, placeholder: element.placeholder?.text ?? "Type a name",
  chosen: [(options.state ? options.state[key] : element[initial]) ?? []].flat(),
  pick: (values) => options.pick({ type: element.type, [key]: many ? values : values[0] ?? null }),
});

const manyOptions = (element, options) => picker({
  ...options, many: true, items: choices(element), action: element.action_id, placeholder: element.placeholder?.text ?? "Type to filter",
  chosen: ((options.state ? options.state.selected_options : element.initial_options) ?? []).map((option) => option.value),
  pick: (values) => options.pick({ type: element.type, selected_options: flat(element).filter((option) => values.includes(option.value)) }),
});

const CONTROLS = {
  plain_text_input: (element, options) => text(element, options),
  email_text_input: (element, options) => text(element, options, "email"),
  url_text_input: (element, options) => text(element, options, "url"),
  number_input: (element, options) => text(element, options, "number"),
  static_select: select,
  multi_static_select: manyOptions,
  users_select: idPicker(people, "selected_user", "initial_user", false),
  multi_users_select: idPicker(people, "selected_users", "initial_users", true),
  channels_select: idPicker(channels, "selected_channel", "initial_channel", false),
  conversations_select: idPicker(channels, "selected_conversation", "initial_conversation", false),
  datepicker: moment("date", "selected_date", "initial_date"),
  timepicker: moment("time", "selected_time", "initial_time"),
  checkboxes: boxes,
  radio_buttons: boxes,
};

/** The node for an element that holds a value. Throws on a type that this page does not draw. */
export function control(element, options) {
  if (!Object.hasOwn(CONTROLS, element.type)) throw new Error(`this page does not draw a ${element.type}`);
  return CONTROLS[element.type](element, options);
}

/** A plain label's nodes. */
export const labelText = (object) => plainText(object);
