// Elements without a framework: h("button.big", {onclick}, "text").
export function h(what, ...rest) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const part of rest.flat(2)) {
    if (part === null || part === undefined || part === false) continue;
    if (part instanceof Node || typeof part !== "object") element.append(part);
    else set(element, part);
  }
  return element;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
}

export const app = () => document.getElementById("app");

export function show(...parts) {
  app().replaceChildren(...parts.flat().filter(Boolean));
  app().querySelector("[data-first]")?.focus({ preventScroll: true });
}

export const button = (label, onclick, kind = "", more = {}) => h(`button${kind ? "." + kind.split(" ").join(".") : ""}`, { type: "button", onclick, ...more }, label);

export function facts(pairs) {
  return h("dl.facts", pairs.filter(([, value]) => value).map(([name, value]) => h("div", h("dt", name), h("dd", value))));
}
