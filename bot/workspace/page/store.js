/** What the page knows: the route in the URL, the newest state by long poll, and the acts it can ask for. */

const RETRY_MS = [500, 1000, 2000, 4000];

/** The route as kept in the URL hash, so that a reload or a link returns to the same place. */
export function parseRoute(location) {
  const hash = new URLSearchParams(location.hash.slice(1));
  const link = /^\/archives\/([^/]+)(?:\/p(\d+)(\d{6}))?$/.exec(location.pathname);
  const query = new URLSearchParams(location.search);
  return {
    user: hash.get("user"),
    channel: hash.get("channel") ?? link?.[1] ?? null,
    thread: hash.get("thread") ?? (link ? query.get("thread_ts") : null),
    message: hash.get("message") ?? (link?.[2] ? `${link[2]}.${link[3]}` : null),
    home: hash.get("home") === "1",
  };
}

const written = (route) => {
  const parts = { user: route.user, channel: route.home ? null : route.channel, thread: route.home ? null : route.thread };
  const hash = new URLSearchParams(Object.entries(parts).filter(([, value]) => value));
  if (route.home) hash.set("home", "1");
  return `/#${hash}`;
};

export class Store {
  constructor() {
    this.route = parseRoute(window.location);
    this.state = null;
    this.online = true;
    this.localNotices = [];
    this.changed = new Set();
    this.turn = 0;
    this.abort = null;
    this.wake = null;
    window.addEventListener("hashchange", () => this.#enter(parseRoute(window.location)));
  }

  /** Call `listener(store)` after every change. */
  onChange(listener) {
    this.changed.add(listener);
  }

  #emit() {
    for (const listener of this.changed) listener(this);
  }

  /** Go somewhere: `{channel}`, `{thread}`, `{user}`, `{home}`; the rest of the route stays. */
  go(part, { replace = false } = {}) {
    const moved = part.channel !== undefined && part.channel !== this.route.channel;
    const next = { ...this.route, ...(moved || part.home ? { thread: null, message: null } : {}), ...part };
    if (part.channel !== undefined) next.home = false;
    history[replace ? "replaceState" : "pushState"](null, "", written(next));
    this.#enter(next);
  }

  #enter(route) {
    this.route = route;
    this.turn += 1;
    this.abort?.abort();
    this.wake?.();
    this.#emit();
  }

  /** Follow the state for ever; the answer for a place the person has left is dropped. */
  async follow() {
    let failures = 0;
    let since = -1;
    for (;;) {
      const turn = this.turn;
      this.abort = new AbortController();
      try {
        const response = await fetch(this.#address(since), { signal: this.abort.signal });
        if (turn === this.turn && response.status < 500 && !response.ok && this.route.user) {
          this.go({ user: null, channel: null, home: false }, { replace: true });  // an old link to somebody or somewhere unknown
          continue;
        }
        if (!response.ok) throw new Error(`the workspace answered ${response.status}`);
        const state = await response.json();
        if (turn !== this.turn) since = -1;
        else {
          failures = 0;
          this.#take(state);
          since = turn === this.turn ? state.rev : -1;  // who was led elsewhere by it has yet to see that place
        }
      } catch (problem) {
        since = -1;  // a restarted workspace counts from the start again
        if (turn !== this.turn) continue;
        if (!(problem instanceof TypeError || problem instanceof SyntaxError || problem.message.startsWith("the workspace"))) throw problem;
        this.online = false;
        this.#emit();
        await this.#pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
      }
    }
  }

  #pause(ms) {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.wake = () => { clearTimeout(timer); done(); };
    });
  }

  #address(since) {
    const { user, channel, thread, home } = this.route;
    const query = new URLSearchParams({ since, app_home: home ? "1" : "0" });
    if (user) query.set("user", user);
    if (channel && !home) query.set("channel", channel);
    if (thread && !home) query.set("thread_ts", thread);
    return `/_page/state?${query}`;
  }

  #take(state) {
    this.online = true;
    this.state = state;
    this.people = new Map(state.users.map((user) => [user.id, user]));
    const { user, channel, home } = this.route;
    const known = state.channels.some((c) => c.id === channel);
    const first = state.channels.find((c) => c.is_member) ?? state.channels[0];
    if (user !== state.me.id || (!known && !home && first)) {
      this.go({ user: state.me.id, ...(known || home ? {} : { channel: first?.id ?? null }) }, { replace: true });
      return;
    }
    this.#emit();
  }

  /** Ask the workspace for an act. Always resolves; a refusal also becomes a notice unless `quiet`. */
  async act(verb, body, { quiet = false } = {}) {
    let answer;
    try {
      const response = await fetch(`/_control/${verb}`, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ user: this.route.user, ...body }),
      });
      answer = await response.json();
      if (!response.ok) answer.ok = false;
    } catch {
      answer = { ok: false, error: "the workspace did not answer" };
    }
    if (!answer.ok && !quiet) this.notify(`Not done: ${String(answer.error ?? "no reason given").replaceAll("_", " ")}.`);
    return answer;
  }

  /** Show a notice of the page's own beside those of the workspace. */
  notify(text, level = "warning") {
    this.localNotices.push({ id: `page-${Date.now()}-${this.localNotices.length}`, text, level });
    this.#emit();
  }

  user(id) {
    return this.people?.get(id) ?? null;
  }

  channel(id) {
    return this.state?.channels.find((channel) => channel.id === id) ?? null;
  }

  group(id) {
    return this.state?.usergroups.find((group) => group.id === id) ?? null;
  }
}
