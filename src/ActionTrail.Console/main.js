// The shell: signing in, the frame around the views, and which view is shown.
import { Api } from "./api.js";
import { banner, field, fill, h } from "./dom.js";
import { link, read } from "./state.js";
import { showAccounts } from "./accounts.js";
import { showEvents } from "./events.js";
import { showKeys } from "./keys.js";
import { showQuarantine, showStore } from "./store.js";
import { showTrails } from "./trails.js";

const views = {
  events: { title: "Events", show: showEvents },
  trails: { title: "Trails", show: showTrails },
  keys: { title: "Access keys", show: showKeys, roles: ["Administrator", "Operator"] },
  accounts: { title: "Accounts", show: showAccounts, roles: ["Operator"] },
  quarantine: { title: "Quarantine", show: showQuarantine, roles: ["Operator"] },
  store: { title: "Store", show: showStore, roles: ["Operator"] },
};

/** In this tab only, and only when asked for; a reload else signs out. */
const kept = "actiontrail.session";

let session = null;
let shown = null;

async function signIn(user, secret, account, keep) {
  const api = new Api(user, secret, account);
  const caller = await api.get("/v1/caller");
  session = { api, caller };
  if (keep) sessionStorage.setItem(kept, JSON.stringify({ user, secret, account }));
  show();
}

function signOut() {
  session = null;
  sessionStorage.removeItem(kept);
  show();
}

/** The operator acts for another account from now on. */
async function actFor(account) {
  await signIn(session.api.user, session.api.secret, account, sessionStorage.getItem(kept) !== null);
}

function showSignIn() {
  const user = h("input", { name: "user", autocomplete: "username", required: true, autofocus: true, spellcheck: "false" });
  const secret = h("input", { name: "secret", type: "password", autocomplete: "current-password", required: true });
  const keep = h("input", { type: "checkbox", name: "keep" });
  const message = h("div");
  const button = h("button", { class: "primary" }, "Sign in");
  const submit = async event => {
    event.preventDefault();
    button.disabled = true;
    try {
      await signIn(user.value.trim(), secret.value, null, keep.checked);
    } catch (error) {
      fill(message, banner(error.status === 401 ? { title: "Not signed in.", detail: "The key or its secret is wrong, or the key is inactive." } : error));
    } finally {
      button.disabled = false;
    }
  };
  fill(document.body, h("main", { class: "sign-in" },
    h("form", { onsubmit: submit }, h("h1", null, "ActionTrail"), message,
      field("Access key id", user, "or operator"), field("Secret", secret),
      h("label", { class: "check" }, keep, " Stay signed in until this tab is closed"), button)));
  user.focus();
}

function showView() {
  const { view, parts, params } = read();
  const { caller } = session;
  const allowed = Object.entries(views).filter(([, one]) => !one.roles || one.roles.includes(caller.role));
  const [name, chosen] = allowed.find(([id]) => id === view) ?? allowed[0];
  const place = h("main", { id: "content", tabindex: "-1" });
  const who = caller.role === "Operator" ? `operator, acting for ${caller.accountId}` : `${caller.accountId} (${caller.role})`;
  fill(document.body,
    h("a", { class: "skip", href: "#content", onclick: event => { event.preventDefault(); place.focus(); } }, "Skip to the content"),
    h("header", null,
      h("a", { class: "brand", href: link("events") }, "ActionTrail"),
      h("nav", { "aria-label": "Views" }, allowed.map(([id, one]) => h("a", { href: link(id), "aria-current": id === name ? "page" : null }, one.title))),
      h("span", { class: "who" }, who), h("button", { type: "button", onclick: signOut }, "Sign out")),
    place);
  document.title = `${chosen.title} - ActionTrail`;
  shown = { name, ...chosen.show(place, { ...session, parts, params, actFor }) };
}

/** What the address says. A view may take a new address without being made anew. */
function show() {
  const { view, params } = read();
  if (session && shown?.name === view && shown.update?.(params)) return;
  shown?.leave?.();
  shown = null;
  if (session) showView();
  else showSignIn();
}

addEventListener("hashchange", show);

const saved = sessionStorage.getItem(kept);
if (saved) {
  const { user, secret, account } = JSON.parse(saved);
  signIn(user, secret, account, true).catch(signOut);
} else {
  show();
}
