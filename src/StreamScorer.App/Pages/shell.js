// What every page has around its content: who is logged in, the theme, the state of the connection, the way out.

import { get, remove } from "./api.js";
import { h, byId, show, icon, setText } from "./dom.js";

/** The session, or null after the browser was sent to log in. */
export async function requireSession() {
  const session = await get("/api/v1/session");
  if (session.name !== null) return session;
  toLogin();
  return null;
}

/** Sends the browser to log in and then back to this page. */
export function toLogin() {
  location.replace(`/login?next=${encodeURIComponent(location.pathname)}`);
}

/** Whether a session may do what a scope is for. */
export const may = (session, scope) => session.scopes.includes(scope) || session.scopes.includes("admin");

/** Fills the header. */
export function openShell(session) {
  byId("account").append(
    h("span", { class: "account-name", title: `API key ${session.name}` }, session.name),
    h("button", { type: "button", class: "quiet", onclick: logOut }, "Log out"),
  );
  byId("theme").addEventListener("click", switchTheme);
  labelTheme();
}

async function logOut() {
  await remove("/api/v1/session").catch(() => null);
  location.replace("/login");
}

const isDark = () =>
  (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function switchTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  labelTheme();
}

function labelTheme() {
  const label = isDark() ? "Light theme" : "Dark theme";
  show(byId("theme"), icon(isDark() ? "sun" : "moon"));
  byId("theme").setAttribute("aria-label", label);
  byId("theme").title = label;
}

const STATES = {
  connecting: ["Connecting", "Waiting for the first figures."],
  live: ["Live", "Figures arrive every second."],
  lost: ["Connection lost", "What you see is from before. Trying again by itself; if it lasts, is the worker running?"],
};

/** Shows the state of the live feed: a word in the header, and a banner while it is lost. */
export function showConnection(state) {
  const [word, explanation] = STATES[state];
  const pill = byId("connection");
  pill.dataset.state = state;
  pill.title = explanation;
  setText(pill.querySelector("span"), word);
  const banner = byId("banner");
  banner.hidden = state !== "lost";
  setText(banner, state === "lost" ? `${word}. ${explanation}` : "");
}

/** A quiet message in the place of content: nothing yet, or what went wrong, and what to do. */
export function notice(title, detail, command) {
  return h("div", { class: "notice" },
    h("p", { class: "notice-title" }, title),
    detail && h("p", {}, detail),
    command && h("pre", { tabindex: "0" }, h("code", {}, command)));
}

/** A word that appears for a moment, for screen readers too. */
export function toast(text) {
  const place = byId("toast");
  setText(place, text);
  place.classList.add("shown");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => place.classList.remove("shown"), 2_500);
}
