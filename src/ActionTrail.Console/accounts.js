// Accounts, for the operator: which there are, and which one to act for.
import { Api } from "./api.js";
import { banner, field, fill, h } from "./dom.js";
import { go, link } from "./state.js";
import { utc } from "./time.js";

export function showAccounts(place, { api, caller, actFor }) {
  const [message, rows] = [h("div"), h("tbody")];
  const more = h("button", { type: "button", hidden: true, onclick: () => load() }, "More accounts");
  let next = "/v1/accounts?pageSize=200";
  const act = async work => {
    try {
      await work();
    } catch (error) {
      fill(message, banner(error));
    }
  };
  const enter = account => act(async () => {
    await actFor(account);
    go(link("events"));
  });
  const setState = (account, state) => act(async () => {
    await api.send("PATCH", `/v1/accounts/${encodeURIComponent(account)}`, { state });
    reload();
  });
  const load = () => act(async () => {
    const page = await api.get(next);
    next = page.nextLink ? Api.pathOf(page.nextLink) : null;
    more.hidden = !next;
    rows.append(...page.value.map(account => h("tr", null, h("td", null, account.accountId), h("td", null, account.displayName), h("td", null, account.source), h("td", null, utc(account.createdAt)),
      h("td", null, h("span", { class: `badge ${account.state === "Active" ? "good" : "off"}` }, account.state)),
      h("td", { class: "row" }, account.accountId === caller.accountId ? "acting for it" : h("button", { type: "button", onclick: () => enter(account.accountId) }, "Act for it"),
        h("button", { type: "button", onclick: () => setState(account.accountId, account.state === "Active" ? "Disabled" : "Active") }, account.state === "Active" ? "Disable" : "Enable")))));
  });
  const reload = () => {
    fill(rows);
    next = "/v1/accounts?pageSize=200";
    load();
  };
  const id = h("input", { required: true, spellcheck: "false" });
  const title = h("input", {});
  const create = event => {
    event.preventDefault();
    act(async () => {
      await api.send("POST", "/v1/accounts", { accountId: id.value, ...(title.value ? { displayName: title.value } : {}) });
      reload();
    });
  };
  fill(place, h("h1", null, "Accounts"), message, h("form", { class: "row", onsubmit: create }, field("Account id", id), field("Name", title), h("button", { class: "primary" }, "Create")),
    h("table", null, h("thead", null, h("tr", null, ["Account", "Name", "Source", "Created (UTC)", "State", "Actions"].map(text => h("th", { scope: "col" }, text)))), rows), more);
  load();
}
