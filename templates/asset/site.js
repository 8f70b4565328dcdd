// Comfort only: every page completes its task without this file.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");

  // Theme: the system's unless the reader chose; storage may be blocked inside frames.
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* the choice then lasts for this page */ } },
  };
  const theme = store.get("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) act(target, event);
    });

  // Says something to screen readers without moving the focus.
  const say = (text) => {
    const live = document.getElementById("live");
    if (live) live.textContent = text;
  };

  on("click", "[data-theme-switch]", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    store.set("theme", root.dataset.theme);
  });

  // Copy buttons. Without the clipboard interface (plain http, frames) an old way is tried.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "unseen";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  on("click", "[data-copy]", async (button) => {
    const source = button.dataset.copyFrom ? document.getElementById(button.dataset.copyFrom)?.textContent : null;
    if (!(await copy(source ?? button.dataset.copy))) return say(button.dataset.failed);
    say(button.dataset.done);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  });

  // Quantity steps keep to minimum and multiple, exactly: counted in whole units of the finest decimal place.
  const places = (text) => (String(text).split(".")[1] ?? "").length;
  const stepped = (input, direction) => {
    const [value, step, least] = [input.value || "0", input.step && input.step !== "any" ? input.step : "1", input.min || "0"];
    const digits = Math.max(places(value), places(step), places(least));
    const whole = (text) => Math.round(Number(text) * 10 ** digits);
    const [now, by, from] = [whole(value), whole(step) || 1, whole(least)];
    const steps = (now - from) / by;
    const next = from + (direction > 0 ? Math.floor(steps) + 1 : Math.ceil(steps) - 1) * by;
    const bounded = Math.max(next, from);
    return (bounded / 10 ** digits).toFixed(digits).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  };
  on("click", "[data-step]", (button) => {
    const input = button.parentElement.querySelector("input");
    input.value = stepped(input, Number(button.dataset.step));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  // Changed quantities show the button that saves them.
  on("change", "form[data-dirty] input", (input) => {
    const form = input.form;
    form.dataset.dirty = "yes";
    all("[data-when-dirty]", form).forEach((element) => element.classList.add("primary"));
  });

  // Suggestions for whoever still types; without them the button searches.
  let asked = 0;
  on("input", "[data-suggest]", (input) => {
    clearTimeout(asked);
    asked = setTimeout(async () => {
      const typed = input.value.trim();
      if (typed.length < 2) return;
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed)}`).catch(() => null);
      if (!answer?.ok || input.value.trim() !== typed) return;
      input.list.replaceChildren(...(await answer.json()).map(({ value, label }) => new Option(label, value)));
    }, 150);
  });

  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // Times: the server writes its own zone, here they become the reader's; relative ones stay fresh.
  const relative = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto", style: "short" });
  const spans = [["second", 60], ["minute", 60], ["hour", 24], ["day", 7]];
  const ago = (date) => {
    let amount = (date - Date.now()) / 1000;
    for (const [unit, size] of spans) {
      if (Math.abs(amount) < size) return relative.format(Math.trunc(amount), unit);
      amount /= size;
    }
    return null;
  };
  const freshen = () =>
    all("time[data-ago]").forEach((time) => {
      const text = ago(new Date(time.dateTime));
      if (text) time.textContent = text;
    });
  const localise = () =>
    all("time[data-clock]").forEach((time) => {
      const date = new Date(time.dateTime);
      const today = date.toDateString() === new Date().toDateString();
      const form = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
      time.textContent = new Intl.DateTimeFormat(root.lang === "en" ? undefined : root.lang, form).format(date);
    });

  // Keys. Plain letters are left alone while somebody types.
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
  const rows = () => all("[data-rows] a.go");
  const move = (by) => {
    const links = rows();
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
    if (!next) return false;
    next.focus();
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const active = document.activeElement ?? document.body;
    if (event.key === "Escape" && typing(active)) return active.blur();
    if (typing(active)) return;
    const inList = active.matches("[data-rows] a.go");
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (!search) return;
      search.focus();
      search.select();
    } else if (event.key === "?") {
      document.getElementById("keys")?.showModal();
    } else if (event.key === "j" || (inList && event.key === "ArrowDown")) {
      if (!move(1)) return;
    } else if (event.key === "k" || (inList && event.key === "ArrowUp")) {
      if (!move(-1)) return;
    } else {
      return;
    }
    event.preventDefault();
  });
  on("click", "[data-keys]", () => document.getElementById("keys")?.showModal());
  on("click", "dialog", (dialog, event) => {
    if (event.target === dialog) dialog.close();
  });

  document.addEventListener("DOMContentLoaded", () => {
    localise();
    freshen();
    setInterval(freshen, 15000);
    // A fault is where the reader should be.
    document.querySelector("[data-faults]")?.focus();
    // The return to the buyer's system; not again when the reader came back to look.
    const [navigation] = performance.getEntriesByType("navigation");
    if (navigation?.type !== "back_forward") document.querySelector("form[data-submit-now]")?.submit();
  });
})();
