// What a page does by itself: live news, keys, ticks. Without it every page still works by links and forms.

const $ = (query, within = document) => within.querySelector(query);
const $$ = (query, within = document) => [...within.querySelectorAll(query)];
const title = document.title;

// ---- live: what has changed since the page was made

const live = { source: null, seq: 0, fresh: new Set() };

function listen() {
  const place = $("[data-live]");
  if (!place) return say("idle", "");
  live.seq = Math.max(live.seq, Number(place.dataset.seq));
  const target = new URL(place.dataset.live, location.origin);
  target.searchParams.set("seq", live.seq);
  live.source?.close();
  live.source = new EventSource(target);
  live.source.onopen = () => say("on", "live");
  live.source.onerror = () => {
    say("off", "reconnecting");
    // the browser tries again by itself, unless the server answered with an error
    if (live.source.readyState === EventSource.CLOSED) setTimeout(listen, 1500);
  };
  live.source.addEventListener("changes", (event) => changed(JSON.parse(event.data)));
  live.source.addEventListener("ended", () => location.reload());
}

function say(state, text) {
  const shown = $("#live");
  if (shown && shown.dataset.state !== state) {
    shown.dataset.state = state;
    shown.textContent = text;
  }
}

function changed(news) {
  live.seq = news.seq;
  for (const [name, count] of Object.entries(news.counts)) {
    const shown = $(`[data-count="${name}"]`);
    if (shown) shown.textContent = count >= news.counted_to ? `${count.toLocaleString("en")}+` : count;
  }
  for (const row of news.rows) {
    const line = $(`tr[data-id="${row.id}"]`);
    if (line) {
      // never moved or taken away under the cursor: only marked
      $("[data-claimed]", line).textContent = row.claimed ?? "";
      line.classList.toggle("gone", !row.fits);
      line.classList.toggle("revised", Number(line.dataset.revision) < row.revision);
    } else if (row.fits) live.fresh.add(row.id);
    else live.fresh.delete(row.id);
    const page = $("[data-alert]");
    if (page && page.dataset.alert === row.id) $("#changed").hidden = false;
  }
  showFresh();
}

function showFresh() {
  const banner = $("#fresh");
  if (!banner) return;
  banner.hidden = live.fresh.size === 0;
  $("#fresh-count").textContent = live.fresh.size;
  document.title = live.fresh.size ? `(${live.fresh.size}) ${title}` : title;
}

async function takeFresh() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["#bulk", ".severities"]) $(part).replaceWith(document.adoptNode($(part, page)));
  live.fresh.clear();
  showFresh();
  choose(0);
}

// ---- the queue by keys

const lines = () => $$("table.queue tr[data-id]");
const at = () => lines().findIndex((line) => line.classList.contains("here"));

function choose(number) {
  const all = lines();
  if (!all.length) return;
  const to = Math.min(Math.max(number, 0), all.length - 1);
  all.forEach((line, index) => line.classList.toggle("here", index === to));
  $("[data-open]", all[to]).focus({ preventScroll: true });
  all[to].scrollIntoView({ block: "nearest" });
}

function ticked() {
  const ids = lines().filter((line) => $("[data-tick]", line).checked).map((line) => line.dataset.id);
  $("#bulk [name=ids]").value = ids.join(",");
  const button = $("#bulk-button");
  if (button) button.textContent = ids.length ? `Decide ${ids.length} ticked …` : "Decide all of these …";
}

function openVerdict(key) {
  const part = $(`[data-key="${key}"]`);
  if (!part) return false;
  if (part instanceof HTMLDetailsElement) {
    const again = part.open;
    part.open = true;
    // the same key twice gives the verdict, if nothing is missing
    if (again) $("form", part).requestSubmit();
    else $("select, textarea", part).focus();
  } else part.form.requestSubmit();
  return true;
}

async function claimHere() {
  const line = lines()[at()];
  if (!line) return;
  const path = $("[data-open]", line).href.replace(/(\/alerts\/[^?]+)/, "$1/claim");
  const body = new URLSearchParams({ csrf: $("meta[name=csrf]").content });
  const answer = await fetch(path, { method: "POST", body, headers: { accept: "text/html" } });
  $("[data-claimed]", line).textContent = answer.ok ? "you" : "claimed by somebody else";
}

const follow = (query) => $(query)?.click();

const keys = {
  j: () => choose(at() + 1),
  k: () => choose(at() - 1),
  Enter: () => (at() >= 0 ? $("[data-open]", lines()[at()]).click() : false),
  x: () => {
    const box = $("[data-tick]", lines()[at()] ?? document);
    if (!box) return;
    box.checked = !box.checked;
    ticked();
  },
  a: () => openVerdict("a") || claimHere(),
  q: () => follow('[data-does="queue"]'),
  n: () => ($("#fresh")?.hidden === false ? takeFresh() : follow("#changed:not([hidden]) a")),
  u: () => $("#undo")?.requestSubmit(),
  "/": () => $("#search")?.focus(),
  "?": () => $("#help").showModal(),
};
for (const key of "cfrbez") keys[key] = () => openVerdict(key);

addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("form textarea")) {
    return event.target.form.requestSubmit();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return document.activeElement?.blur();
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
  if (typing) {
    // in the list of reasons, Enter or the verdict's key again gives the verdict; arrows choose
    const part = event.target.matches("select") && event.target.closest("details[data-key]");
    if (part && [part.dataset.key, "Enter"].includes(event.key)) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    return;
  }
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  const act = keys[event.key];
  if (act && act() !== false) event.preventDefault();
});

// ---- the rest

addEventListener("click", (event) => {
  const line = event.target.closest("tr[data-id]");
  // a line opens where it is not a control of its own, and no text is being marked
  if (line && !event.target.closest("a, input, button") && !String(getSelection())) $("[data-open]", line).click();
  const does = event.target.closest("[data-does]")?.dataset.does;
  if (does === "help") $("#help").showModal();
  if (does === "theme") theme();
  if (does === "fresh") {
    event.preventDefault();
    takeFresh();
  }
});

addEventListener("change", (event) => {
  if (event.target.matches("[data-tick]")) ticked();
  if (event.target.matches("[data-both]")) {
    const [verdict, reason] = event.target.value.split("/");
    event.target.form.verdict.value = verdict ?? "";
    event.target.form.reason_code.value = reason ?? "";
  }
  if (event.target.closest("[data-filter]") && event.target.matches("select")) event.target.form.requestSubmit();
});

function theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme === "dark" || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `sluicegate_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
}

function undoEnds() {
  const form = $("#undo[data-until]");
  if (!form) return;
  const left = Number(form.dataset.until) / 1000 - Date.now();
  setTimeout(() => form.remove(), Math.max(left, 0));
}

listen();
undoEnds();
