// The API as the console calls it: HTTP Basic, same origin, problems as errors.

/** A refusal or a failure of the API (RFC 9457), or of the way to it. */
export class ApiError extends Error {
  constructor(status, problem, requestId) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.code = problem.code;
    this.requestId = requestId;
    this.faults = (problem.errors ?? []).map(error => ({ name: error.pointer, reason: error.rule }));
  }
}

export class Api {
  /** `account`: whom the operator acts for; else null. */
  constructor(user, secret, account = null) {
    this.user = user;
    this.secret = secret;
    this.account = account;
  }

  get(path, signal) { return this.#json("GET", path, undefined, {}, signal); }

  send(method, path, body, headers = {}) { return this.#json(method, path, body, headers); }

  /** A file as a Blob. The browser keeps large ones on disk. */
  async file(path) { return (await this.#fetch("GET", path)).blob(); }

  /** The path and query of an absolute link to this API: its host may be another name of ours. */
  static pathOf(link) {
    const url = new URL(link, location.href);
    return url.pathname + url.search;
  }

  async #json(method, path, body, headers, signal) {
    const response = await this.#fetch(method, path, body, headers, signal);
    return response.status === 204 ? null : response.json();
  }

  async #fetch(method, path, body, headers = {}, signal = undefined) {
    const bytes = new TextEncoder().encode(`${this.user}:${this.secret}`);
    const all = { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}`, ...headers };
    if (this.account) all["ActionTrail-Account"] = this.account;
    if (body !== undefined) all["Content-Type"] = "application/json";
    let response;
    try {
      // Without credentials the browser answers no challenge by a dialog of its own.
      response = await fetch(path, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body), credentials: "omit", redirect: "error", signal });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(0, { title: "No answer", detail: "The service cannot be reached." }, null);
    }
    if (response.ok) return response;
    const requestId = response.headers.get("ActionTrail-Request-Id");
    const wait = response.headers.get("Retry-After");
    const problem = await response.json().catch(() => ({ title: `HTTP ${response.status}` }));
    if (wait) problem.detail = `${problem.detail ?? problem.title} Try again in ${wait} s.`;
    throw new ApiError(response.status, problem, requestId);
  }
}
