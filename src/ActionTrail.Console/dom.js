// Elements without a framework. Text becomes text nodes and nothing else, so that no value of an event can become markup.

const svgTags = new Set(["svg", "rect", "line", "text", "g", "title"]);

/**
 * An element. `props`: on* functions are listeners, `class` and attributes are set as they are, true is an empty attribute,
 * false, null and undefined are left out. `children`: nodes, strings, numbers, arrays of these; null and false are left out.
 */
export function h(tag, props, ...children) {
  const element = svgTags.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false).map(child => child instanceof Node ? child : String(child)));
  return element;
}

/** Puts `children` in place of all that `parent` has. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false).map(child => child instanceof Node ? child : String(child)));
  return parent;
}

/** A labelled field of a form. */
export function field(label, input, hint) {
  return h("label", { class: "field" }, h("span", null, label), input, hint && h("small", null, hint));
}

/** A choice; `options` are [value, text]. */
export function select(props, options, chosen) {
  return h("select", props, options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}

/** What went wrong, said where it happened. */
export function banner(error) {
  return h("div", { class: "banner", role: "alert" },
    h("strong", null, error.title ?? "Something went wrong"), " ", error.detail ?? error.message ?? "",
    error.faults?.length ? h("ul", null, error.faults.map(fault => h("li", null, h("code", null, fault.name), " ", fault.reason))) : null,
    error.requestId ? h("small", null, `Request ${error.requestId}`) : null);
}

/** Copies text; the button says that it did. */
export function copyButton(label, text) {
  const button = h("button", { type: "button", onclick: async () => {
    await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  } }, label);
  return button;
}
