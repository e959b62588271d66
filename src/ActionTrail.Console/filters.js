// The conditions of a view of events: in the address, as chips, and as parameters of the API.
import { h, select } from "./dom.js";
import { go, link } from "./state.js";
import { iso, ranges, rangeOf } from "./time.js";

export const attributes = ["eventName", "user", "serviceName", "resourceName", "resourceType", "sourceIpAddress", "accessKeyId", "errorCode", "eventRW", "eventType", "region",
  "roleName", "principalId", "requestId", "eventId", "sensitiveAction"];

/** Reads are hidden unless one asks for them: `rw` is `all`, or what eventRW must be. */
export function conditionsOf(params) {
  const conditions = attributes.filter(name => params.get(name)).map(name => [name, params.get(name)]);
  return params.get("rw") === "all" || params.get("eventRW") ? conditions : [["eventRW", "Write"], ...conditions];
}

/** The query string of the API for a view's parameters. */
export function queryOf(params) {
  const { startTime, endTime } = rangeOf(params);
  const query = new URLSearchParams();
  if (startTime) query.set("startTime", startTime);
  if (endTime) query.set("endTime", endTime);
  for (const [name, value] of conditionsOf(params)) query.set(name, value);
  return query;
}

/** The address of events with one more condition, in the same range. */
export function linkTo(params, name, value) {
  const next = new URLSearchParams([...params].filter(([key]) => !["event", "compare"].includes(key)));
  next.set(name, value);
  return link("events", next);
}

/** The range, the chips and the field for another condition. Every change is a new address. */
export function filterBar(params, { onRefresh }) {
  const change = edit => {
    const next = new URLSearchParams([...params].filter(([key]) => key !== "event"));
    edit(next);
    go(link("events", next));
  };
  const range = params.get("range") ?? "24h";
  const known = ranges.some(([value]) => value === range);
  const rangeSelect = select({ "aria-label": "Time range", onchange: event => change(next => {
    const chosen = event.target.value;
    const now = rangeOf(params);
    next.set("range", chosen);
    if (chosen === "custom") { next.set("start", now.startTime); next.set("end", now.endTime); } else { next.delete("start"); next.delete("end"); }
  }) }, known ? ranges : [[range, range], ...ranges], range);
  const moment = (name, label) => h("input", { type: "datetime-local", step: "1", "aria-label": label, value: (params.get(name) ?? "").slice(0, 19),
    onchange: event => { if (event.target.value) change(next => next.set(name, iso(Date.parse(`${event.target.value}Z`)))); } });
  const name = select({ "aria-label": "Attribute" }, attributes.map(one => [one, one]), "eventName");
  const value = h("input", { "aria-label": "Value", placeholder: "exact value", size: 26, spellcheck: "false" });
  const add = event => {
    event.preventDefault();
    if (value.value.trim()) change(next => next.set(name.value, value.value.trim()));
  };
  return h("div", { class: "filters" },
    h("div", { class: "row" }, rangeSelect, range === "custom" ? [moment("start", "From, UTC"), "to", moment("end", "To, UTC"), "UTC"] : null,
      h("form", { class: "row", onsubmit: add }, name, value, h("button", null, "Add filter")),
      h("button", { type: "button", onclick: onRefresh }, "Refresh")),
    h("ul", { class: "chips", "aria-label": "Filters" }, conditionsOf(params).map(([key, text]) => h("li", null, `${key} = ${text}`,
      h("button", { type: "button", "aria-label": `Remove filter ${key}`, onclick: () => change(next => { next.delete(key); if (key === "eventRW") next.set("rw", "all"); }) }, "×")))));
}
