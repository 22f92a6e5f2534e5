// Enrolment: a one-time token from a link, a QR code or by hand makes this device one of the enterprise's.
import * as api from "../api.js";
import * as identity from "../identity.js";
import { t } from "../words.js";
import { button, h, show } from "./dom.js";

export function enrolScreen(token, done) {
  const lost = identity.wasEnrolledBefore();
  const code = h("input", { name: "token", value: token, autocomplete: "off", maxlength: 200 });
  const name = h("input", { name: "name", value: "", autocomplete: "off", maxlength: 60 });
  const problem = h("p.problem", { role: "alert", hidden: true });
  const say = (text) => {
    problem.textContent = text;
    problem.hidden = false;
  };
  const send = async (event) => {
    event?.preventDefault();
    try {
      const found = await identity.enrol(code.value.trim(), name.value.trim());
      if (found.identity) return done();
      say(`${t("enrol_failed")}: ${found.problem}`);
    } catch (error) {
      say(error instanceof api.Offline ? t("enrol_offline") : `${t("enrol_failed")}: ${error.message}`);
    }
  };
  show(h("header.bar", h("h1", t("enrol_title"))), h("main.start",
    lost ? h("p.lost", { role: "alert" }, t("enrol_lost")) : null, h("p", t("enrol_how")), lost ? null : h("p", t("enrol_before")),
    h("form.form", { onsubmit: send }, h("label.field", h("span", t("enrol_code")), code), h("label.field", h("span", t("enrol_name")), name), problem,
      h("button.big.go", { type: "submit", "data-first": true }, t("enrol_do")))));
  return { scan: (text) => (code.value = tokenIn(text)) };
}

export const cancelButton = (leave) => button(t("cancel"), leave, "big second");

// The token in a scanned link, or the text itself.
export function tokenIn(text) {
  const found = /#enrol=([^&\s]+)/.exec(text);
  return found ? found[1] : text.trim();
}
