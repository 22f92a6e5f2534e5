// What a scan came to: full green for a second, or full red until somebody has seen it.
import * as alarm from "../alarm.js";
import * as clock from "../clock.js";
import { grouped } from "../codes.js";
import { DISPOSITIONS } from "../tagged.js";
import { MEANINGS } from "../tags/flaws.js";
import { age, caution, choices, fieldName, flaw, lang, name, reason, t } from "../words.js";
import { app, button, facts, h } from "./dom.js";

const FLASH = 1000; // ms
let overlay = null;

const shown = (judgement, scan) => (judgement?.code ? grouped(judgement.code) : scan.text || scan.uid || "");

export function source(judgement) {
  const where = t(`from_${judgement.source}`);
  return judgement.source === "snapshot" ? `${where} · ${t("list_age")} ${age(judgement.age)}` : where;
}

export function known(judgement, tag) {
  const c = judgement?.cylinder ?? {};
  const { base, fill, findings = [], flaws = [], verdict } = tag ?? {};
  return facts([
    [t("tag"), verdict && [t(`tag_${verdict}`), ...flaws.map(({ fault }) => flaw(MEANINGS[fault]))].join("；")],
    [t("fillable_until"), !c.serial_no && base?.due_on], [t("tag_fill"), fill && lastFill(fill)],
    ...findings.map(({ finding, fault }) => [t("finding"), `${spoken(finding)}${fault ? ` (${flaw(MEANINGS[fault])})` : ""}`]),
    [t("serial"), c.serial_no], [t("medium"), name("Medium", c.medium)], [t("stage"), name("Stage", c.stage)],
    [t("fillable_until"), judgement?.legal !== false && c.fillable_until],
  ]);
}

// A fill on a chip; what its writer didn't know is 0 there and isn't told.
const lastFill = ({ filled_at, net_g, station, operator }) =>
  [filled_at.slice(0, 10), net_g && `${net_g / 1000} kg`, station && `${fieldName("gun")} ${station}`, operator && `${t("operator")} ${operator}`].filter(Boolean).join(" · ");

// What a finding on a chip says, in the words of the lists it was chosen from.
function spoken({ hazard, disposition, found_at }) {
  const violation = Object.fromEntries(choices("violation"))[`V${String(hazard).padStart(2, "0")}`] ?? hazard;
  const measure = choices("disposition").find(([key]) => DISPOSITIONS[key] === disposition)?.[1] ?? disposition;
  return `${found_at.slice(0, 10)} ${violation} · ${measure}`;
}

function cover(element) {
  overlay?.remove();
  overlay = element;
  app().after(element);
  return element;
}

export function uncover() {
  overlay?.remove();
  overlay = null;
}

// Green, saved, ready for the next.
export function passed(title, judgement, scan, saved) {
  alarm.pass();
  const cautions = judgement?.cautions ?? [];
  const element = cover(h("section.result.pass", { role: "status" }, h("p.sign", "✓"), h("h2", title), h("p.code", shown(judgement, scan)),
    saved ? h("p.saved", `${t("saved")} ${clock.time()}`) : null, cautions.slice(0, 2).map((code) => h("p.caution", caution(code)))));
  setTimeout(() => overlay === element && uncover(), FLASH);
}

// Amber: nothing illegal, but look; gone after a moment, or with the next scan.
export function noticed(title, lines, judgement, scan) {
  alarm.notice();
  const element = cover(h("section.result.notice", { role: "status", onclick: uncover }, h("p.sign", "!"), h("h2", title), h("p.code", shown(judgement, scan)), lines.map((line) => h("p.caution", line))));
  setTimeout(() => overlay === element && uncover(), 2.5 * FLASH);
}

// Red, loud, until acknowledged. Resolves with the key of what was chosen.
export function alarmed(judgement, scan, { headline = t("may_not"), more = [] } = {}) {
  const reasons = judgement.reasons.map(reason);
  app().inert = true;
  alarm.start([headline, ...reasons.map((one) => one.say)].join("，"), lang());
  return new Promise((resolve) => {
    const close = (key) => () => {
      alarm.stop();
      app().inert = false;
      uncover();
      resolve(key);
    };
    cover(h("section.result.alarm", { role: "alertdialog", "aria-modal": "true", "aria-label": headline },
      h("div.say", { role: "alert" }, h("p.sign", "✕"), h("h2", headline), reasons.map((one) => h("p.reason", one.say, h("small", one.todo)))),
      h("p.code", shown(judgement, scan)), h("p.source", source(judgement)),
      h("div.answers", more.map(([key, label]) => button(label, close(key), "big second")), button(t("acknowledge"), close("seen"), "big ack")))).querySelector("button.ack").focus();
  });
}

export const isAlarmed = () => overlay?.classList.contains("alarm") ?? false;
