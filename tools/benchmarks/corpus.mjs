// Reads the corpus in pieces of whole lines, so that a store can be fed without taking every line apart.
import { createReadStream } from "node:fs";

/** Buffers of at most `lines` lines each, in order; the bytes are the file's. */
export async function* batches(file, lines) {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 4 << 20 })) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = endOf(rest, lines); end > 0; end = endOf(rest, lines)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) {
    yield rest;
  }
}

/** The fields of each line, backslashes single again. */
export function* rows(batch) {
  for (const line of batch.toString("utf8").trimEnd().split("\n")) {
    yield line.split("\t").map((field) => (field.includes("\\") ? field.replaceAll("\\\\", "\\") : field));
  }
}

export function countLines(batch) {
  let count = 0;
  for (let at = batch.indexOf(10); at >= 0; at = batch.indexOf(10, at + 1)) {
    count++;
  }
  return count;
}

function endOf(buffer, lines) {
  let at = -1;
  for (let i = 0; i < lines; i++) {
    at = buffer.indexOf(10, at + 1);
    if (at < 0) {
      return 0;
    }
  }
  return at + 1;
}

export const columns = ["event_id", "account", "t", "user_name", "resource", "event_name", "service", "access_key", "source_ip", "body"];

/** The seven indexes besides the one on (account, event id): every attribute that a page of lookups is likely to name, each with the time. */
export const indexed = ["user_name", "resource", "event_name", "service", "access_key", "source_ip"];

/** Column of the equality of each query that gives a page. */
export const columnOf = { user: "user_name", resource: "resource", name: "event_name" };
