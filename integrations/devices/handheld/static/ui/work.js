// The one scan state: a task, what the last scan came to, and the three ways in.
import * as alarm from "../alarm.js";
import * as clock from "../clock.js";
import { grouped } from "../codes.js";
import * as camera from "../scan/camera.js";
import * as nfc from "../scan/nfc.js";
import { checks, fieldName, t, taskName } from "../words.js";
import { bar } from "./bar.js";
import { button, h, show } from "./dom.js";
import { form, several } from "./form.js";

// engine: {scan(input), task, setup, count, aside}; leave goes back to the list of tasks.
export function workScreen(engine, { leave, status, edit, nextCustomer }) {
  const prompt = h("p.prompt", { "aria-live": "polite" });
  const last = h("section.last", { "aria-live": "polite" });
  const eye = h("video.eye", { muted: true, playsinline: true, hidden: true });
  const tools = h("div.tools");
  let stopCamera = null;

  const paint = () => {
    prompt.replaceChildren(h("b", engine.aside ? asideText(engine.aside) : t("scan_now")), h("small", engine.task.kind ? t("scan_hint") : t("read_only")));
    last.replaceChildren(...lastCard(engine));
  };
  const toggleCamera = async (event) => {
    const pressed = event.currentTarget;
    if (stopCamera) {
      stopCamera();
      stopCamera = null;
    } else {
      eye.hidden = false;
      try {
        stopCamera = await camera.watch(eye, (text) => engine.scan({ text, via: "camera" }));
      } catch {
        engine.say(t("camera_no"));
      }
    }
    eye.hidden = !stopCamera;
    prompt.hidden = Boolean(stopCamera);
    pressed.setAttribute("aria-pressed", Boolean(stopCamera));
  };
  tools.append(
    button(t("camera"), toggleCamera, "tool", { "aria-pressed": false, disabled: !camera.isThere() }),
    ...(nfc.isThere() ? [button(t("nfc"), () => void engine.listenToChips(), "tool nfc", { "aria-pressed": engine.hearsChips })] : []),
    button(t("by_hand"), () => byHand(engine, paint), "tool"),
  );
  const asides = (engine.task.asides ?? []).map((key) => button(key === "failed" ? t("failed_next") : t("send_to_inspection"), () => aside(engine, key, paint), "aside"));
  show(
    bar(taskName(engine.id), { back: () => (stopCamera?.(), leave()), open: () => (stopCamera?.(), status()) }),
    setupLine(engine, edit, nextCustomer),
    h("main.work", prompt, eye, last),
    h("footer.foot", asides.length ? h("div.asides", asides) : null, tools),
  );
  paint();
  return { paint, stop: () => stopCamera?.() };
}

const asideText = (aside) => t(aside.key === "failed" ? "failed_scan" : "inspection_scan");

function lastCard(engine) {
  const one = engine.last;
  if (!one) return [h("p.count", "")];
  return [
    h(`p.was.${one.kind}`, one.kind === "pass" ? "✓ " : one.kind === "alarm" ? "✕ " : "! ", one.title),
    ...one.why.slice(0, 2).map((line) => h("p.why", line)),
    h("p.code", one.code ? grouped(one.code) : one.text),
    one.facts ?? "",
    h("p.count", `${clock.time(one.at)} · ${t("today_count", engine.count)}`),
  ];
}

function setupLine(engine, edit, nextCustomer) {
  const said = Object.entries(engine.setup).filter(([, value]) => value).map(([field, value]) => `${fieldName(field)} ${engine.spoken(field, value)}`);
  if (!(engine.task.setup ?? []).length) return null;
  return h("section.setup", { "aria-label": t("setup") }, h("p", said.join(" · ") || "—"), button(engine.task.perCustomer ? t("next_customer") : t("change"), engine.task.perCustomer ? nextCustomer : edit, "small"));
}

function sheet(content, close) {
  const element = h("section.sheet", { role: "dialog", "aria-modal": "true" }, content, button(t("cancel"), () => close(), "big second"));
  document.getElementById("app").after(element);
  element.querySelector("input, select, button")?.focus();
  return element;
}

function byHand(engine) {
  const input = h("input", { name: "code", inputmode: "numeric", autocomplete: "off", maxlength: 80 });
  const send = (event) => {
    event.preventDefault();
    element.remove();
    if (input.value.trim()) engine.scan({ text: input.value, via: "hand" });
  };
  const element = sheet(h("form.form", { onsubmit: send }, h("label.field", h("span", t("code")), input), h("button.big.go", { type: "submit" }, t("next"))), () => element.remove());
}

// A defect or a doubt: the next scan is recorded as that, and then the task goes on.
function aside(engine, key, paint) {
  const after = engine.task.checks === "after";
  const take = (values) => {
    element.remove();
    engine.aside = { key, ...values };
    alarm.notice();
    paint();
  };
  const content = key === "failed" ? several(t("failed_which"), checks(after), (failed) => take({ failed }))
    : form({ fields: ["reason", "note"], needs: ["reason"], label: t("next"), submit: (values) => take({ values }) });
  const element = sheet(content, () => element.remove());
}
