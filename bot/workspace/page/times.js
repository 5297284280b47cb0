/** Times as people read them, in the browser's zone. `ts` is Slack's string of seconds. */

const format = (options) => new Intl.DateTimeFormat(undefined, options);
const TIME = format({ hour: "2-digit", minute: "2-digit", hour12: false });
const TIME_SECONDS = format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const LONG = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const MEDIUM = format({ day: "numeric", month: "long", year: "numeric" });
const SHORT = format({ day: "numeric", month: "short", year: "numeric" });
const DAY = format({ weekday: "long", day: "numeric", month: "long" });

export const when = (ts) => new Date(Number(ts) * 1000);
export const clock = (ts) => TIME.format(when(ts));
export const exact = (ts) => `${LONG.format(when(ts))}, ${TIME_SECONDS.format(when(ts))}`;
export const dayKey = (ts) => when(ts).toDateString();

const pretty = (date, otherwise) => {
  const days = Math.round((new Date(date).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86_400_000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? otherwise.format(date);
};

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const day = (ts) => capital(pretty(when(ts), DAY));
export const moment = (ts) => `${pretty(when(ts), SHORT)} at ${clock(ts)}`;

const ago = (date) => {
  const seconds = Math.round((date - Date.now()) / 1000);
  const [unit, size] = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, s]) => Math.abs(seconds) >= s) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
};

const TOKENS = {
  date_num: (d) => `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`,
  date: (d) => MEDIUM.format(d),
  date_slash: (d) => d.toLocaleDateString(),
  date_short: (d) => SHORT.format(d),
  date_long: (d) => LONG.format(d),
  date_pretty: (d) => pretty(d, MEDIUM),
  date_short_pretty: (d) => pretty(d, SHORT),
  date_long_pretty: (d) => pretty(d, LONG),
  time: (d) => TIME.format(d),
  time_secs: (d) => TIME_SECONDS.format(d),
  ago,
};

/** Fill Slack's date pattern, `{date_short_pretty} at {time}`; null when the time is not one. */
export function slackDate(seconds, pattern) {
  const date = when(seconds);
  if (Number.isNaN(date.getTime())) return null;
  return pattern.replace(/\{(\w+)\}/g, (whole, token) => (Object.hasOwn(TOKENS, token) ? TOKENS[token](date) : whole));
}
