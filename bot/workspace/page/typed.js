/** What a person typed: slash commands and handles. The workspace escapes the text and marks up names, once, as Slack does. */

/** The handle that stands for a person while typing, after an @. */
export const handleOf = (user) => user.name;

/** `{command, text}` when the text is a slash command, else null. */
export function slashCommand(text) {
  const found = /^(\/[\w-]+)(?:\s+([\s\S]*))?$/.exec(text);
  return found ? { command: found[1], text: (found[2] ?? "").trim() } : null;
}
