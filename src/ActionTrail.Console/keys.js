// Access keys of the account: who may act for it, in which role, and when they last did.
import { banner, copyButton, field, fill, h, select } from "./dom.js";
import { link } from "./state.js";
import { ago, utc } from "./time.js";

export function showKeys(place, { api, caller }) {
  const [message, fresh, body] = [h("div"), h("div"), h("div", null, h("p", null, "Reading…"))];
  const at = `/v1/accounts/${encodeURIComponent(caller.accountId)}/access-keys`;
  const act = async (method, rest, sent, question) => {
    if (question && !confirm(question)) return;
    try {
      const made = await api.send(method, at + rest, sent);
      fill(message);
      if (made?.secret) fill(fresh, secretOf(made));
      load();
    } catch (error) {
      fill(message, banner(error));
    }
  };
  const load = async () => {
    try {
      const { value } = await api.get(at);
      const lines = new Map(value.map(key => [key.accessKeyId, h("td", null, "…")]));
      fill(body, value.length === 0 ? h("p", null, "There is no key.") : h("table", null,
        h("thead", null, h("tr", null, ["Access key id", "Role", "State", "Created (UTC)", "Last used", "Actions"].map(text => h("th", { scope: "col" }, text)))),
        h("tbody", null, value.map(key => {
          const path = `/${encodeURIComponent(key.accessKeyId)}`;
          const active = key.state === "Active";
          return h("tr", null, h("td", null, h("a", { href: link("events", { accessKeyId: key.accessKeyId, rw: "all", range: "30d" }) }, key.accessKeyId)), h("td", null, key.role),
            h("td", null, h("span", { class: `badge ${active ? "good" : "off"}` }, key.state)), h("td", null, utc(key.createdAt)), lines.get(key.accessKeyId),
            h("td", { class: "row" },
              h("button", { type: "button", onclick: () => act("PATCH", path, { state: active ? "Inactive" : "Active" }) }, active ? "Deactivate" : "Activate"),
              h("button", { type: "button", onclick: () => act("POST", `${path}/rotate`) }, "Rotate"),
              h("button", { type: "button", class: "danger", onclick: () => act("DELETE", path, undefined, `Delete ${key.accessKeyId}? Whoever uses it is refused from then on.`) }, "Delete")));
        }))));
      for (const key of value) {
        api.get(`${at}/${encodeURIComponent(key.accessKeyId)}/last-used`).then(({ lastUsed }) => fill(lines.get(key.accessKeyId),
          lastUsed ? `${ago(lastUsed.eventTime)}, ${lastUsed.serviceName}, from ${lastUsed.sourceIpAddress ?? "?"}` : "never")).catch(error => fill(lines.get(key.accessKeyId), error.message));
      }
    } catch (error) {
      fill(body, banner(error));
    }
  };
  const role = select({}, ["Auditor", "Publisher", "TrailAdministrator", "Administrator"].map(one => [one, one]), "Auditor");
  fill(place, h("h1", null, `Access keys of ${caller.accountId}`), message, fresh,
    h("form", { class: "row", onsubmit: event => { event.preventDefault(); act("POST", "", { role: role.value }); } }, field("Role", role), h("button", { class: "primary" }, "Create a key")), body);
  load();
}

/** The one time that a secret is shown. */
function secretOf(key) {
  return h("div", { class: "notice", role: "status" }, h("strong", null, "The secret is shown this once."), h("pre", null, `${key.accessKeyId}:${key.secret}`), copyButton("Copy", `${key.accessKeyId}:${key.secret}`));
}
