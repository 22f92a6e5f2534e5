// A form of big fields for what a task asks; nothing is sent anywhere, the values come back as an object.
import { choices, fieldName, t } from "../words.js";
import { button, h } from "./dom.js";
import { photoField } from "./photo.js";

const CHOICE = new Set(["work", "reason", "disposition", "violation", "profile"]);
const NARROW = new Set(["medium", "gun", "batch"]); // stand beside one another
const KEYBOARD = { net_kg: "decimal", phone: "tel", medium: "numeric", order: "text" };

export function form({ fields, values = {}, needs = [], submit, label = t("save"), intro = null }) {
  const inputs = new Map(fields.map((field) => [field, input(field, values[field] ?? "")]));
  const problem = h("p.problem", { role: "alert", hidden: true });
  const send = (event) => {
    event.preventDefault();
    const found = Object.fromEntries([...inputs].map(([field, element]) => [field, element.taken ? element.taken() : element.value.trim()]));
    const missing = needs.filter((field) => !found[field]);
    if (missing.length) {
      problem.textContent = `${t("required")}: ${missing.map(fieldName).join("、")}`;
      problem.hidden = false;
      inputs.get(missing[0]).focus();
    } else submit(found);
  };
  return h("form.form", { onsubmit: send, novalidate: true, "aria-label": label }, intro,
    [...inputs].map(([field, element]) => h(`label.field${NARROW.has(field) ? ".narrow" : ""}`, h("span", fieldName(field) + (needs.includes(field) ? " *" : "")), element)),
    problem, h("button.big.go", { type: "submit" }, label));
}

function input(field, value) {
  if (CHOICE.has(field)) {
    const element = h("select", { name: field }, h("option", { value: "" }, ""), choices(field).map(([key, said]) => h("option", { value: key }, said)));
    element.value = value;
    return element;
  }
  if (field === "photo") return photoField();
  if (field === "words") return h("textarea", { name: field, value, autocomplete: "off", maxlength: 500, rows: 3 });
  const type = field.endsWith("_on") ? "date" : "text";
  return h("input", { name: field, type, value, inputmode: KEYBOARD[field], autocomplete: "off", maxlength: field === "address" || field === "note" ? 100 : 60 });
}

// Choose some of a list, as which checks failed.
export function several(title, pairs, submit) {
  const chosen = new Set();
  const list = pairs.map(([key, said]) => {
    const one = button(said, () => {
      chosen.has(key) ? chosen.delete(key) : chosen.add(key);
      one.setAttribute("aria-pressed", chosen.has(key));
    }, "choice", { "aria-pressed": false });
    return one;
  });
  return h("section.form", { "aria-label": title }, h("h2", title), list, button(t("next"), () => submit([...chosen]), "big go"));
}
