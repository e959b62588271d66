// One event in full, and two beside each other.
import { banner, copyButton, fill, h } from "./dom.js";
import { link } from "./state.js";
import { linkTo } from "./filters.js";
import { local, utc } from "./time.js";
import { userOf } from "./events.js";

/** Facts first, each leading on to the events that share it; then the event as it was stored. */
export function detail(event, { params, api }) {
  const fact = (label, value, name) => (value ? [h("dt", null, label), h("dd", null, name ? h("a", { href: linkTo(params, name, value) }, value) : value)] : []);
  const identity = event.userIdentity ?? {};
  const resources = [event.resourceName].flat().filter(Boolean);
  const original = h("div");
  const showOriginal = async () => {
    try {
      fill(original, h("h3", null, "The record it was made from"), h("pre", null, JSON.stringify(await api.get(`/v1/events/${encodeURIComponent(event.eventId)}/original`), null, 2)));
    } catch (error) {
      fill(original, error.status === 404 ? h("p", null, "It was sent in this form; there is no other record.") : banner(error));
    }
  };
  return [
    h("h2", null, event.eventName, event.errorCode ? h("span", { class: "failed" }, ` ${event.errorCode}`) : null),
    h("dl", null,
      h("dt", null, "time"), h("dd", null, h("time", { title: local(event.eventTime) }, `${utc(event.eventTime)} UTC`)),
      fact("user", userOf(event), identity.userName ? "user" : identity.principalId ? "principalId" : null), fact("access key", identity.accessKeyId, "accessKeyId"),
      fact("service", event.serviceName, "serviceName"),
      resources.map(name => [h("dt", null, "resource"), h("dd", null, h("a", { href: linkTo(params, "resourceName", name) }, name), " ", h("a", { href: timeline(name) }, "all changes"))]),
      fact("from", event.sourceIpAddress, "sourceIpAddress"), fact("client", event.userAgent), fact("region", event.acsRegion, "region"), fact("request", event.requestId, "requestId"),
      fact("error", event.errorMessage), fact("id", event.eventId)),
    h("div", { class: "row" }, copyButton("Copy JSON", () => JSON.stringify(event, null, 2)), copyButton("Copy link", () => location.href),
      h("button", { type: "button", onclick: showOriginal }, "Original record")),
    h("pre", null, JSON.stringify(event, null, 2)), original];
}

/** What was done to a resource, as far back as events are kept. */
function timeline(name) { return link("events", { range: "90d", resourceName: name }); }

/** Every field of either event; what differs is marked. */
export function compare(left, right) {
  const [one, two] = [flatten(left), flatten(right)];
  const names = [...new Set([...one.keys(), ...two.keys()])].sort();
  const differ = names.filter(name => one.get(name) !== two.get(name)).length;
  return [h("h2", null, `Two events, ${differ} fields differ`),
    h("table", { class: "compare" }, h("thead", null, h("tr", null, ["field", left.eventId, right.eventId].map(text => h("th", { scope: "col" }, text)))),
      h("tbody", null, names.map(name => h("tr", { class: one.get(name) === two.get(name) ? null : "differs" },
        h("th", { scope: "row" }, name), h("td", null, one.get(name) ?? ""), h("td", null, two.get(name) ?? "")))))];
}

function flatten(value, path = "", into = new Map()) {
  if (value !== null && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) flatten(inner, path ? `${path}.${name}` : name, into);
  } else {
    into.set(path, String(value));
  }
  return into;
}
