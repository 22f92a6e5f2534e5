// Who works with the device now: staff code and a short PIN.
import * as clock from "./clock.js";
import * as store from "./store.js";
import { button, h, show } from "./ui/dom.js";
import { t } from "./words.js";

const SHIFT = 14 * 3600_000; // ms after which one signs in again

export async function current() {
  const found = await store.get("self", "operator");
  return found && clock.now() - found.at < SHIFT ? found : null;
}

export const leave = () => store.remove("self", "operator");

// {operator} or {problem}
async function signIn(code, pin) {
  if (!code) return { problem: t("required") };
  const operator = { code, name: "", at: clock.now(), checked: Boolean(pin) };
  await store.put("self", operator, "operator");
  return { operator };
}

export function askScreen(done, { bar, foot }) {
  const code = h("input", { name: "operator", autocomplete: "off", maxlength: 40, autocapitalize: "characters", "data-first": true });
  const pin = h("input", { name: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 8 });
  const problem = h("p.problem", { role: "alert", hidden: true });
  const send = async (event) => {
    event.preventDefault();
    const found = await signIn(code.value.trim(), pin.value);
    if (found.operator) return done(found.operator);
    problem.textContent = found.problem;
    problem.hidden = false;
    pin.value = "";
  };
  show(bar, h("main.plain", h("form.form", { onsubmit: send }, h("label.field", h("span", t("operator")), code), h("label.field", h("span", t("pin")), pin), problem,
    h("button.big.go", { type: "submit" }, t("start_work")))), h("footer.foot", foot ?? button("", () => undefined)));
}
