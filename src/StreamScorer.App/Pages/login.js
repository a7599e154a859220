// Logs in: with a key that is typed, or with the one-time token of a link. The token stands in the URL's fragment, which
// browsers send to nobody, and leaves the address bar and the history before it is used.

import { post } from "./api.js";
import { byId, setText } from "./dom.js";

const next = () => {
  const asked = new URLSearchParams(location.search).get("next") ?? "/";
  // Only a path of this site: a link from elsewhere must not lead on to elsewhere.
  return /^\/[a-z]*$/.test(asked) ? asked : "/";
};

async function enter(credentials) {
  byId("submit").disabled = true;
  setText(byId("problem"), "");
  try {
    await post("/api/v1/session", credentials);
    location.replace(next());
  } catch (failure) {
    setText(byId("problem"), failure.message);
    byId("submit").disabled = false;
    byId("key").select();
    byId("key").focus();
  }
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = byId("key").value.trim();
  if (key) enter({ key });
  else setText(byId("problem"), "Enter an API key, such as ssk_….");
});

const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  history.replaceState(null, "", location.pathname + location.search);
  setText(byId("lead-in"), "Logging in…");
  enter({ token }).then(() => setText(byId("lead-in"), "Log in with an API key."));
} else byId("key").focus();
