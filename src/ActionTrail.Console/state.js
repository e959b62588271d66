// What is shown is in the address after the hash, so that links, the back button and reloads work: `#/view/part?name=value`.

/** The view, its further parts, and its parameters. */
export function read() {
  const [path, query] = (location.hash.slice(1) || "/events").split("?", 2);
  const [, view, ...parts] = path.split("/").map(decodeURIComponent);
  return { view: view || "events", parts, params: new URLSearchParams(query ?? "") };
}

/** The address of a view. Parameters that are null or empty are left out. */
export function link(view, params = {}, ...parts) {
  const query = new URLSearchParams();
  for (const [name, value] of params instanceof URLSearchParams ? params : Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") query.append(name, value);
  }
  const text = query.toString();
  return `#/${[view, ...parts].map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

/** Goes there; a new entry of the history, unless it replaces this one. */
export function go(address, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, "", address);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = address;
  }
}
