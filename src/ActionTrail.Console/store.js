// For the operator: what could not be read, and whether the store is whole.
import { Api } from "./api.js";
import { banner, fill, h } from "./dom.js";
import { utc } from "./time.js";

export function showQuarantine(place, { api }) {
  const [message, rows, record] = [h("div"), h("tbody"), h("div")];
  const more = h("button", { type: "button", hidden: true, onclick: () => load() }, "Older records");
  const status = h("p", { role: "status" });
  let next = "/v1/quarantine?pageSize=100&direction=backward";
  const at = id => `/v1/quarantine/${encodeURIComponent(id)}`;
  const show = async id => {
    try {
      const full = await api.get(at(id));
      fill(record, h("h2", null, id), h("pre", null, full.text ?? full.raw));
      record.scrollIntoView({ block: "nearest" });
    } catch (error) {
      fill(message, banner(error));
    }
  };
  const replay = async (id, cell) => {
    try {
      const { accepted } = await api.send("POST", `${at(id)}/replay`);
      fill(cell, `${accepted} events stored`);
    } catch (error) {
      fill(message, banner(error));
    }
  };
  const load = async () => {
    try {
      const page = await api.get(next);
      next = page.nextLink ? Api.pathOf(page.nextLink) : null;
      more.hidden = !next;
      rows.append(...page.value.map(entry => {
        const cell = h("td", { class: "row" });
        fill(cell, h("button", { type: "button", onclick: () => show(entry.id) }, "Show"), entry.replayedAt ? `replayed ${utc(entry.replayedAt)}` : h("button", { type: "button", onclick: () => replay(entry.id, cell) }, "Replay"));
        return h("tr", null, h("td", null, utc(entry.quarantinedAt)), h("td", null, entry.reason), h("td", null, [entry.field, entry.rule].filter(Boolean).join(": ")), h("td", null, entry.partition), h("td", null, entry.bytes), cell);
      }));
      status.textContent = rows.children.length === 0 ? "Nothing is in quarantine." : "";
    } catch (error) {
      fill(message, banner(error));
    }
  };
  fill(place, h("h1", null, "Quarantine"), h("p", { class: "note" }, "Records that could not become events, with their bytes. Replay judges one anew."), message,
    h("table", null, h("thead", null, h("tr", null, ["Since (UTC)", "Reason", "Rule", "Partition", "Bytes", "Actions"].map(text => h("th", { scope: "col" }, text)))), rows), status, more, record);
  load();
}

export function showStore(place, { api }) {
  const stop = new AbortController();
  const [message, result] = [h("div"), h("div", { role: "status" })];
  const button = h("button", { type: "button", class: "primary", onclick: () => verify() }, "Verify everything");
  const verify = async () => {
    button.disabled = true;
    const sum = { parts: 0, commits: 0, events: 0, bytes: 0, problems: [], losses: 0 };
    try {
      for (let next = "/v1/store/verify?maxSeconds=20"; next;) {
        const part = await api.get(next, stop.signal);
        sum.parts += 1;
        sum.commits += part.commits;
        sum.events += part.events;
        sum.bytes += part.bytes;
        sum.losses += (part.losses ?? []).length + (part.lostSegments ?? []).length;
        sum.problems.push(...part.problems);
        next = part.nextLink ? Api.pathOf(part.nextLink) : null;
        fill(result, h("h2", null, next ? "Reading…" : sum.problems.length === 0 ? "Sound" : `${sum.problems.length} problems`),
          h("dl", null, [["commits", sum.commits], ["events", sum.events], ["bytes read", sum.bytes], ["acknowledged losses", sum.losses]].map(([name, count]) => [h("dt", null, name), h("dd", null, count.toLocaleString("en"))])),
          sum.problems.map(problem => h("p", { class: "failed" }, problem.object, ": ", problem.what)));
      }
    } catch (error) {
      if (error.name !== "AbortError") fill(message, banner(error));
    } finally {
      button.disabled = false;
    }
  };
  fill(place, h("h1", null, "Store"), h("p", { class: "note" }, "Reads everything that is stored again and proves order, gaps, counts, hashes and the chain of commits."), message, button, result);
  return { leave: () => stop.abort() };
}
