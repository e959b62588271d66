// Events: filtered on the server, a chart above, newest first, an event's detail and two events side by side.
import { Api } from "./api.js";
import { banner, copyButton, fill, h, select } from "./dom.js";
import { compare, detail } from "./detail.js";
import { filterBar, queryOf } from "./filters.js";
import { histogram } from "./histogram.js";
import { go, link } from "./state.js";
import { iso, local, utc } from "./time.js";

/** Columns by name: what they show of an event. */
const columns = {
  eventTime: event => h("time", { title: local(event.eventTime) }, utc(event.eventTime)),
  eventName: event => event.eventName,
  user: userOf,
  serviceName: event => event.serviceName,
  resourceName: event => [event.resourceName].flat().join(", "),
  resourceType: event => [event.resourceType].flat().join(", "),
  sourceIpAddress: event => event.sourceIpAddress,
  errorCode: event => event.errorCode && h("span", { class: "failed" }, event.errorCode),
  eventRW: event => event.eventRW,
  region: event => event.acsRegion,
  accessKeyId: event => event.userIdentity?.accessKeyId,
  accountId: event => event.recipientAccountId ?? event.userIdentity?.accountId,
  requestId: event => event.requestId,
  eventId: event => event.eventId,
};

const usual = ["eventTime", "eventName", "user", "serviceName", "resourceName", "sourceIpAddress", "errorCode"];

export function userOf(event) {
  const identity = event.userIdentity ?? {};
  return identity.userName || identity.principalId || identity.type || "";
}

/** Which event is open and which are compared: changes of the address that leave list and chart as they are. */
const selection = ["event", "compare"];

/** Returns how to leave, which ends what is under way, and how to take an address of another selection. */
export function showEvents(place, { api, params: given, caller }) {
  let params = given;
  const stop = new AbortController();
  const shown = (params.get("cols") ?? "").split(",").filter(name => columns[name]);
  const chosen = shown.length ? shown : usual;
  const query = queryOf(params);
  const events = [];
  const picked = () => (params.get("compare") ?? "").split(",").filter(Boolean);
  const [message, chart, side, status] = [h("div"), h("div"), h("aside", { hidden: true, "aria-label": "Event" }), h("p", { class: "status", role: "status" })];
  const body = h("tbody");
  const more = h("button", { type: "button", hidden: true, onclick: () => load() }, "Older events");
  let next = `/v1/events?pageSize=50&${query}`;

  const open = id => go(here({ event: id }));
  const here = changes => {
    const all = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changes)) {
      if (value) all.set(name, value);
      else all.delete(name);
    }
    return link("events", all);
  };

  const row = event => {
    const box = h("input", { type: "checkbox", "aria-label": "Choose for comparison", onclick: e => { e.stopPropagation(); pick(event.eventId, e.target.checked); } });
    return h("tr", { "data-id": event.eventId, onclick: () => open(event.eventId) }, h("td", null, box),
      chosen.map((name, i) => h("td", null, i === 0
        ? h("a", { href: here({ event: event.eventId }), onclick: e => { e.stopPropagation(); if (!e.ctrlKey && !e.metaKey) { e.preventDefault(); open(event.eventId); } } }, columns[name](event) ?? "")
        : columns[name](event) ?? "")));
  };

  const pick = (id, on) => {
    const now = on ? [...picked(), id].slice(-2) : picked().filter(one => one !== id);
    go(here({ compare: now.join(","), event: null }));
  };

  const mark = () => {
    for (const line of body.children) {
      if (line.dataset.id === params.get("event")) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
      line.querySelector("input").checked = picked().includes(line.dataset.id);
    }
  };

  // A page may be empty although there is more behind it: then the next one is asked for, in sight of the reader, until there is something to see.
  const load = async () => {
    more.hidden = true;
    try {
      let read = 0;
      while (next && read === 0 && !stop.signal.aborted) {
        status.textContent = "Reading…";
        const page = await api.get(next, stop.signal);
        next = page.nextLink ? Api.pathOf(page.nextLink) : null;
        read = page.value.length;
        events.push(...page.value);
        body.append(...page.value.map(row));
        mark();
      }
      status.textContent = events.length === 0 ? "No event in this range fits the filters." : `${events.length} events shown${next ? ", there are older ones" : ", these are all"}.`;
      more.hidden = !next;
    } catch (error) {
      if (error.name === "AbortError") return;
      status.textContent = "";
      more.hidden = !next;
      more.textContent = "Try again";
      fill(message, banner(error));
    }
  };

  const count = async () => {
    try {
      const answer = await api.get(`/v1/events/histogram?by=eventRW&limit=2&${query}`, stop.signal);
      fill(chart, histogram(answer, (from, to) => go(link("events", new URLSearchParams([...[...params].filter(([name]) => !["range", "start", "end"].includes(name)),
        ["range", "custom"], ["start", iso(from)], ["end", iso(to)]])))));
    } catch (error) {
      if (error.name !== "AbortError") fill(chart, banner(error));
    }
  };

  const showSide = async () => {
    const [id, pair] = [params.get("event"), picked()];
    side.hidden = !id && pair.length < 2;
    mark();
    if (side.hidden) return;
    fill(side, h("p", null, "Reading…"));
    const close = h("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => go(here({ event: null, compare: null })) }, "×");
    try {
      const find = one => api.get(`/v1/events/${encodeURIComponent(one)}`, stop.signal);
      const content = id ? detail(await find(id), { params, api }) : compare(...await Promise.all(pair.map(find)));
      // Somebody who steps on quickly is past this one already.
      if (id === params.get("event")) fill(side, close, content);
    } catch (error) {
      if (error.name !== "AbortError") fill(side, close, banner(error));
    }
  };

  const exportAs = async format => {
    status.textContent = "Exporting…";
    try {
      const file = await api.file(`/v1/events/export?format=${format}&${query}`);
      const address = URL.createObjectURL(file);
      h("a", { href: address, download: `events.${format}` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60000);
      status.textContent = `Exported ${file.size.toLocaleString("en")} bytes.`;
    } catch (error) {
      status.textContent = "";
      fill(message, banner(error));
    }
  };

  const command = () => `actiontrail events query ${[...query].map(([name, value]) => `--${option(name)} ${quoted(value)}`).join(" ")}`;
  const curl = () => `curl -u "$KEY" ${quoted(`${location.origin}/v1/events?${query}`)}`;
  const tools = h("div", { class: "row tools" },
    select({ "aria-label": "Export", onchange: event => { const format = event.target.value; event.target.value = ""; if (format) exportAs(format); } },
      [["", "Export all as…"], ["csv", "CSV"], ["ndjson", "NDJSON"], ["json", "JSON"]], ""),
    copyButton("Copy as curl", curl), copyButton("Copy as command", command),
    h("details", { class: "columns" }, h("summary", null, "Columns"), Object.keys(columns).map(name => {
      const box = h("input", { type: "checkbox", onchange: event => {
        const wanted = event.target.checked ? [...chosen, name] : chosen.filter(one => one !== name);
        go(here({ cols: wanted.join(",") }));
      } });
      box.checked = chosen.includes(name);
      return h("label", { class: "check" }, box, " ", name);
    })));

  fill(place, h("h1", { class: "hidden" }, "Events"),
    filterBar(params, { onRefresh: () => go(location.hash, { replace: true }) }), message, chart, tools,
    h("div", { class: "split" },
      h("div", { class: "list" }, h("table", null, h("thead", null, h("tr", null, h("th", null, h("span", { class: "hidden" }, "Compare")), chosen.map(name => h("th", { scope: "col" }, name === "eventTime" ? "eventTime (UTC)" : name)))), body),
        status, more, h("p", { class: "note" }, `You look at the events of ${caller.accountId}. That you looked is one of them.`)),
      side));
  load();
  count();
  showSide();
  const keys = event => {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = events.findIndex(one => one.eventId === params.get("event"));
    if (event.key === "Escape" && !side.hidden) go(here({ event: null, compare: null }));
    if (event.key === "j" && events[at + 1]) open(events[at + 1].eventId);
    if (event.key === "k" && events[at - 1]) open(events[at - 1].eventId);
  };
  addEventListener("keydown", keys);
  return {
    leave: () => { stop.abort(); removeEventListener("keydown", keys); },
    update: next => {
      if (!sameBut(selection, params, next)) return false;
      params = next;
      showSide();
      return true;
    },
  };
}

/** Whether two addresses differ at most in these parameters, and do differ: the same address again means to read again. */
function sameBut(names, one, other) {
  const rest = params => [...params].filter(([name]) => !names.includes(name)).map(pair => pair.join("=")).sort().join("&");
  return rest(one) === rest(other) && names.some(name => one.get(name) !== other.get(name));
}

/** The command line's option for a parameter of the API. */
function option(name) {
  return { startTime: "start", endTime: "end", eventRW: "event-rw", sourceIpAddress: "source-ip-address" }[name] ?? name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

function quoted(text) { return `'${text.replaceAll("'", "'\\''")}'`; }
