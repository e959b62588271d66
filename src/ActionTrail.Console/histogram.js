// Events by time, reads and writes apart. A drag over the bars chooses a range; so do the arrow keys with Enter.
import { h } from "./dom.js";
import { utc } from "./time.js";

const [width, height, foot] = [1000, 90, 14];

/**
 * The chart of an answer of `/v1/events/histogram` that was counted by eventRW. `onRange(fromMs, toMs)` is called with whole buckets.
 */
export function histogram(answer, onRange) {
  const { buckets, values } = answer;
  if (buckets.length === 0) return h("p", null, "No range.");
  const times = buckets.map(bucket => Date.parse(bucket.time));
  const step = times.length > 1 ? times[1] - times[0] : Date.parse(answer.endTime) - times[0];
  const most = Math.max(1, ...buckets.map(bucket => bucket.count));
  const bar = width / buckets.length;
  const shades = values.map(value => (value === "Write" ? "write" : value === "Read" ? "read" : "other"));
  const stacks = buckets.map((bucket, i) => {
    let top = height;
    const parts = [...bucket.values.map((count, k) => [count, shades[k]]), [bucket.other, "other"]].filter(([count]) => count > 0);
    return h("g", null, h("title", null, `${utc(bucket.time)} UTC: ${bucket.count} events`),
      h("rect", { x: i * bar, y: 0, width: bar, height, class: "back" }),
      parts.map(([count, shade]) => {
        const tall = Math.max(1, (count / most) * (height - 4));
        top -= tall;
        return h("rect", { x: i * bar + bar * 0.1, y: top, width: bar * 0.8, height: tall, class: shade });
      }));
  });
  const choice = h("rect", { x: 0, y: 0, width: 0, height, class: "choice" });
  const chart = h("svg", { viewBox: `0 0 ${width} ${height + foot}`, preserveAspectRatio: "none", tabindex: "0", role: "slider", "aria-label": "Events by time",
    "aria-valuemin": "0", "aria-valuemax": String(buckets.length - 1) }, stacks, choice);
  let anchor = null;
  let cursor = buckets.length - 1;

  const mark = (from, to) => {
    choice.setAttribute("x", Math.min(from, to) * bar);
    choice.setAttribute("width", (Math.abs(to - from) + 1) * bar);
    chart.setAttribute("aria-valuenow", String(to));
    chart.setAttribute("aria-valuetext", `${utc(buckets[to].time)} UTC, ${buckets[to].count} events`);
  };
  const choose = (from, to) => onRange(times[Math.min(from, to)], times[Math.max(from, to)] + step);
  const at = event => {
    const box = chart.getBoundingClientRect();
    return Math.min(buckets.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * buckets.length)));
  };
  chart.addEventListener("pointerdown", event => { anchor = at(event); chart.setPointerCapture(event.pointerId); mark(anchor, anchor); });
  chart.addEventListener("pointermove", event => { if (anchor !== null) mark(anchor, at(event)); });
  chart.addEventListener("pointerup", event => { if (anchor !== null) { const from = anchor; anchor = null; choose(from, at(event)); } });
  chart.addEventListener("pointercancel", () => { anchor = null; choice.setAttribute("width", "0"); });
  let fixed = null;
  chart.addEventListener("keydown", event => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move) {
      cursor = Math.min(buckets.length - 1, Math.max(0, cursor + move));
      if (!event.shiftKey) fixed = null;
      else fixed ??= cursor - move;
      mark(fixed ?? cursor, cursor);
      event.preventDefault();
    } else if (event.key === "Enter") {
      choose(fixed ?? cursor, cursor);
    }
  });
  mark(cursor, cursor);
  choice.setAttribute("width", "0");

  return h("figure", { class: "histogram" }, chart,
    h("figcaption", null, h("span", null, `${utc(answer.startTime)} UTC`),
      h("span", null, `${answer.total.toLocaleString("en")} events`, h("i", { class: "key write" }), "write", h("i", { class: "key read" }), "read", " - drag to zoom"),
      h("span", null, `${utc(answer.endTime)} UTC`)));
}
