// Trails: what delivers where, whether it does, and what could not be delivered.
import { Api } from "./api.js";
import { banner, field, fill, h, select } from "./dom.js";
import { go, link } from "./state.js";
import { ago, utc } from "./time.js";

export function showTrails(place, context) {
  const { parts } = context;
  if (parts[0] === "new") create(place, context);
  else if (parts[0]) one(place, context, parts[0]);
  else list(place, context);
}

function mayChange(caller) { return ["Administrator", "TrailAdministrator", "Operator"].includes(caller.role); }

async function list(place, { api, caller }) {
  const body = h("div", null, h("p", null, "Reading…"));
  fill(place, h("div", { class: "row" }, h("h1", null, "Trails"), mayChange(caller) ? h("a", { class: "button", href: link("trails", {}, "new") }, "Create a trail") : null), body);
  try {
    const { value } = await api.get("/v1/trails?includeOrganizationTrail=true");
    const row = trail => h("tr", null,
      h("td", null, h("a", { href: link("trails", { org: trail.isOrganizationTrail ? "true" : "" }, trail.name) }, trail.name), trail.isOrganizationTrail ? h("small", null, " directory") : null),
      h("td", null, badge(trail.status)), h("td", null, destinations(trail).join(", ")), h("td", null, trail.eventRW), h("td", null, utc(trail.updateTime ?? trail.createTime)));
    fill(body, value.length === 0
      ? h("p", null, "There is no trail. Events are kept for the retention of the service; a trail keeps them for as long as you keep its destination.")
      : h("table", null, h("thead", null, h("tr", null, ["Name", "Status", "Delivers to", "Events", "Changed (UTC)"].map(text => h("th", { scope: "col" }, text)))), h("tbody", null, value.map(row))));
  } catch (error) {
    fill(body, banner(error));
  }
}

/** Where it delivers to, in words. A shadow trail does not say. */
function destinations(trail) {
  return [trail.container && `container ${trail.container}`, trail.logstore && `Logstore ${[trail.logstoreProject, trail.logstore].filter(Boolean).join("/")}`, trail.stream && `stream ${trail.stream}`,
    trail.logAnalytics && `Log Analytics ${trail.logAnalytics}`].filter(Boolean);
}

function badge(status) {
  return h("span", { class: `badge ${{ Enable: "good", Disable: "off", Fresh: "off" }[status] ?? ""}` }, { Enable: "logging", Disable: "stopped", Fresh: "not started" }[status] ?? status);
}

function one(place, { api, caller, params }, name) {
  const suffix = params.get("org") ? "isOrganizationTrail=true" : "";
  const at = (rest = "", more = "") => `/v1/trails/${encodeURIComponent(name)}${rest}${[suffix, more].some(Boolean) ? `?${[suffix, more].filter(Boolean).join("&")}` : ""}`;
  const [message, facts, health, failed] = [h("div"), h("div"), h("div"), h("div")];
  const act = async (method, rest, question) => {
    if (question && !confirm(question)) return;
    try {
      await api.send(method, at(rest));
      if (method === "DELETE") go(link("trails"));
      else load();
    } catch (error) {
      fill(message, banner(error));
    }
  };
  const load = async () => {
    try {
      const trail = await api.get(at());
      const open = mayChange(caller) && !trail.isShadowTrail;
      fill(facts, h("div", { class: "row" }, badge(trail.status), open ? [
        trail.status === "Enable"
          ? h("button", { type: "button", onclick: () => act("POST", "/stop", `Stop trail ${name}? Events committed from now on are not delivered.`) }, "Stop")
          : h("button", { type: "button", class: "primary", onclick: () => act("POST", "/start") }, "Start"),
        h("button", { type: "button", class: "danger", onclick: () => act("DELETE", "", `Delete trail ${name}? What it delivered stays.`) }, "Delete")] : null),
      h("dl", null, destinations(trail).map(text => [h("dt", null, "delivers to"), h("dd", null, text)]), h("dt", null, "events"), h("dd", null, trail.eventRW),
        h("dt", null, "regions"), h("dd", null, trail.trailRegion), h("dt", null, "created"), h("dd", null, `${utc(trail.createTime)} UTC`)),
      h("details", null, h("summary", null, "As the API has it"), h("pre", null, JSON.stringify(trail, null, 2))));
      if (trail.isShadowTrail) return;
      const status = await api.get(at("/status"));
      fill(health, h("h2", null, "Delivery"), h("dl", null,
        h("dt", null, "latest delivery"), h("dd", null, status.latestDeliveryTime ? `${utc(status.latestDeliveryTime)} UTC, ${ago(status.latestDeliveryTime)}` : "none yet"),
        h("dt", null, "pending"), h("dd", null, status.pending), h("dt", null, "undelivered"), h("dd", null, h("span", { class: status.undelivered > 0 ? "failed" : "" }, status.undelivered))),
      h("table", null, h("thead", null, h("tr", null, ["Destination", "Usable", "Latest delivery (UTC)", "Pending", "Undelivered", "Latest error"].map(text => h("th", { scope: "col" }, text)))),
        h("tbody", null, (status.destinations ?? []).map(one => h("tr", null, h("td", null, one.destination), h("td", null, one.usable ? "yes" : h("span", { class: "failed" }, "no")), h("td", null, utc(one.latestDeliveryTime)),
          h("td", null, one.pending), h("td", null, one.undelivered), h("td", { class: "failed" }, one.latestDeliveryError))))),
      h("details", null, h("summary", null, "As the API has it"), h("pre", null, JSON.stringify(status, null, 2))));
      const waiting = status.undelivered > 0 ? await undelivered(api, at("/deliveries", "state=undelivered&pageSize=100")) : [];
      fill(failed, waiting.length === 0 ? null : [h("h2", null, "Undelivered"),
        open ? h("button", { type: "button", onclick: () => act("POST", "/redeliver") }, "Deliver all again") : null,
        h("table", null, h("thead", null, h("tr", null, ["Destination", "Window (UTC)", "Why", "Attempts", "Since", "Actions"].map(text => h("th", { scope: "col" }, text)))),
          h("tbody", null, waiting.map(item => h("tr", null, h("td", null, item.destination), h("td", null, utc(new Date(item.window).toISOString())), h("td", null, item.category, item.detail ? `: ${item.detail}` : ""), h("td", null, item.attempts), h("td", null, utc(item.at)),
            h("td", null, open ? h("button", { type: "button", onclick: () => act("POST", `/deliveries/${item.window}/redeliver`) }, "Deliver again") : null)))))]);
    } catch (error) {
      fill(message, banner(error));
    }
  };
  fill(place, h("p", null, h("a", { href: link("trails") }, "Trails")), h("h1", null, name), message, facts, health, failed);
  load();
}

/** All pages of the list. */
async function undelivered(api, path) {
  const all = [];
  for (let next = path; next;) {
    const page = await api.get(next);
    all.push(...page.value);
    next = page.nextLink ? Api.pathOf(page.nextLink) : null;
  }
  return all;
}

function create(place, { api }) {
  const name = h("input", { required: true, pattern: "[a-z][a-z0-9_\\-]{5,35}", spellcheck: "false" });
  const container = h("input", { spellcheck: "false" });
  const project = h("input", { spellcheck: "false" });
  const prefix = h("input", { spellcheck: "false" });
  const rw = select({}, [["All", "All"], ["Write", "Write"], ["Read", "Read"]], "All");
  const start = h("input", { type: "checkbox" });
  start.checked = true;
  const message = h("div");
  const given = (name, input) => (input.value ? { [name]: input.value } : {});
  const submit = async event => {
    event.preventDefault();
    try {
      const made = await api.send("POST", "/v1/trails", { name: name.value, eventRW: rw.value, ...given("container", container), ...given("prefix", prefix), ...given("logstoreProject", project) });
      if (start.checked) await api.send("POST", `/v1/trails/${encodeURIComponent(made.name)}/start`);
      go(link("trails", {}, made.name));
    } catch (error) {
      fill(message, banner(error));
    }
  };
  fill(place, h("p", null, h("a", { href: link("trails") }, "Trails")), h("h1", null, "Create a trail"), message,
    h("form", { class: "form", onsubmit: submit }, field("Name", name, "6 to 36 lower-case letters, digits, - and _; a letter first"),
      field("Container", container, "It must exist, in the service's storage account, and serve no other account"), field("Prefix", prefix, "of the objects' names; may be empty"),
      field("Logstore project", project, "instead of or beside the container: keeps the events for lookups beyond the retention"),
      field("Events", rw), h("label", { class: "check" }, start, " Start it at once"), h("button", { class: "primary" }, "Create"),
      h("p", { class: "note" }, "Selectors, other destinations and trails of a directory: by the API or the command line.")));
}
