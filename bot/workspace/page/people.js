/** How people look on the page: name, role, initials, colour. */

import { el } from "./dom.js";

const FALLBACK_COLOURS = ["#5b4b8a", "#1f6f78", "#8a4b5b", "#3f6b3f", "#7a5a1e", "#3d5a80"];

/** A person's name as the page shows it; someone unknown is shown by id rather than by a guess. */
export function nameOf(user, id = "someone") {
  return user?.real_name || user?.profile?.real_name || user?.profile?.display_name || user?.name || id;
}

/** People in the order of their names, for lists to choose from. */
export const byName = (users) => [...users].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));

/** One word on what the person may be here: the title, and first of all if they come from outside. */
export function roleOf(user) {
  if (user.deleted) return "Deactivated";
  if (user.is_stranger) return `Other organization${user.profile?.title ? ` · ${user.profile.title}` : ""}`;
  if (user.is_restricted || user.is_ultra_restricted) return `Guest${user.profile?.title ? ` · ${user.profile.title}` : ""}`;
  return user.profile?.title || "Member";
}

const initials = (name) => {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0]).join("").toUpperCase() || "?";
};

const luminance = (hex) => {
  const part = (n) => {
    const c = parseInt(hex.slice(n, n + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
};

const colourOf = (user, id) => {
  const given = user?.color ? `#${user.color}` : "";
  const hash = [...id].reduce((sum, c) => sum + c.codePointAt(0), 0);
  return /^#[0-9a-f]{6}$/i.test(given) ? given : FALLBACK_COLOURS[hash % FALLBACK_COLOURS.length];
};

/** A square with initials; ink is chosen for contrast with the person's colour. The name stands beside it, so it is decorative. */
export function avatar(user, id = user?.id ?? "", size = "") {
  const colour = colourOf(user, id);
  const node = el("span", { class: `avatar ${size}${user?.is_bot ? " app" : ""}`, "aria-hidden": "true" }, initials(nameOf(user, id)));
  node.style.backgroundColor = colour;
  node.style.color = luminance(colour) > 0.179 ? "#000000" : "#ffffff";
  return node;
}

/** The small word after a name that says who is not a colleague. */
export function badge(user, message) {
  if (message?.bot_id || user?.is_bot) return el("span", { class: "badge" }, "APP");
  if (user?.is_stranger) return el("span", { class: "badge" }, "EXTERNAL");
  if (user?.is_restricted) return el("span", { class: "badge" }, "GUEST");
  return null;
}
