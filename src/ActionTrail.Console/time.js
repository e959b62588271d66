// Times: shown in UTC, in the viewer's own zone on hover; ranges relative or absolute.

export const ranges = [["15m", "Last 15 minutes"], ["1h", "Last hour"], ["24h", "Last 24 hours"], ["7d", "Last 7 days"], ["30d", "Last 30 days"], ["90d", "Last 90 days"], ["custom", "From … to …"]];

const seconds = { m: 60, h: 3600, d: 86400 };

/** Start and end of a view's parameters, as ISO texts in whole seconds. A relative range ends a little ahead of the clock, whose events are accepted too. */
export function rangeOf(params) {
  const range = params.get("range") ?? "24h";
  if (range === "custom") return { startTime: params.get("start"), endTime: params.get("end") };
  const match = /^(\d{1,4})([mhd])$/.exec(range) ?? [null, "24", "h"];
  const now = Math.floor(Date.now() / 1000);
  return { startTime: iso((now - Number(match[1]) * seconds[match[2]]) * 1000), endTime: iso((now + 60) * 1000) };
}

/** `2026-11-30T08:15:00Z`. */
export function iso(ms) { return `${new Date(ms).toISOString().slice(0, 19)}Z`; }

/** `2026-11-30 08:15:00`, UTC; what is no time stays as it is. */
export function utc(text) {
  const at = Date.parse(text);
  return Number.isNaN(at) ? String(text ?? "") : new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** The same moment where the viewer is. */
export function local(text) {
  const at = Date.parse(text);
  return Number.isNaN(at) ? "" : `${new Date(at).toLocaleString()} here`;
}

/** `3 min ago`. */
export function ago(text) {
  const past = Math.round((Date.now() - Date.parse(text)) / 1000);
  if (Number.isNaN(past)) return "";
  if (past < 90) return `${Math.max(past, 0)} s ago`;
  if (past < 5400) return `${Math.round(past / 60)} min ago`;
  return past < 172800 ? `${Math.round(past / 3600)} h ago` : `${Math.round(past / 86400)} days ago`;
}
