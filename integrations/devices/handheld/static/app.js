// The app's front door: who this device is, who works with it, what is to be done, and from then on one scan after the other.
// engine.js turns a scan into a record, verdict.js and judge.js decide, record.js and outbox.js keep and send.
import * as alarm from "./alarm.js";
import * as clock from "./clock.js";
import { grouped } from "./codes.js";
import { Engine } from "./engine.js";
import * as identity from "./identity.js";
import * as operators from "./operators.js";
import { unread } from "./outbox.js";
import { onChange } from "./record.js";
import * as wedge from "./scan/wedge.js";
import * as snapshots from "./snapshot.js";
import * as store from "./store.js";
import * as sync from "./sync.js";
import { judgesFills, TASKS, tasksOf } from "./tasks.js";
import * as bars from "./ui/bar.js";
import { button, h, show } from "./ui/dom.js";
import { form } from "./ui/form.js";
import { enrolScreen } from "./ui/enrol.js";
import { known } from "./ui/result.js";
import { statusScreen } from "./ui/status.js";
import { troublesScreen } from "./ui/troubles.js";
import { workScreen } from "./ui/work.js";
import * as updates from "./updates.js";
import { checks, lang, load as loadWords, setLanguage, t, taskName } from "./words.js";

let operator = null;
let engine = null;
let screen = null;
let opening = null; // a scan that comes while a task opens waits for it

async function boot() {
  updates.start();
  await Promise.all([loadWords(), clock.load(), identity.load()]);
  await snapshots.load();
  bars.start();
  const field = h("input.wedge", { inputmode: "none", autocomplete: "off", "aria-label": t("scan_now"), tabindex: -1 });
  document.body.append(h("aside", { "aria-label": t("scan_hint") }, field));
  keepFocus(field);
  wedge.listen((text) => scanned({ text, via: "wedge" }), { field });
  const asked = new URLSearchParams(location.hash.slice(1)).get("enrol");
  if (asked) history.replaceState(null, "", location.pathname);
  sync.start();
  onChange(() => void bringUpTroubles());
  if (asked || !identity.identity()) return enrolment(asked ?? "");
  operator = await operators.current();
  signIn();
}

// Text of scanners without keys goes to whatever field has the focus, so there is always one.
function keepFocus(field) {
  const hold = () => document.activeElement === document.body && field.focus({ preventScroll: true });
  setInterval(hold, 1000);
  document.addEventListener("click", () => setTimeout(hold, 0));
}

async function scanned(input) {
  await opening;
  if (screen?.reading) return alarm.notice();
  if (engine) return engine.scan(input);
  screen?.scan?.(input.text);
}

function enrolment(token) {
  screen = enrolScreen(token, async () => {
    operator = await operators.current();
    signIn();
    sync.renewList();
  });
}

// One press unlocks tone, chip and screen, because the browser asks for a gesture on every start.
function signIn() {
  engine = screen = null;
  const begin = async () => {
    await alarm.unlock();
    menu();
  };
  if (operator) return show(bars.bar(t("app"), { open: status }), h("main.start", h("p.who", operator.name || operator.code),
    button(t("start_work"), begin, "big go", { "data-first": true }), button(t("sign_out"), signOut, "big second"), languageButton(signIn)));
  return operators.askScreen(async (found) => {
    operator = found;
    await begin();
  }, { bar: bars.bar(t("app"), { open: status }), foot: languageButton(signIn) });
}

async function signOut() {
  operator = null;
  await operators.leave();
  signIn();
}

const languageButton = (again) => button(t("other_language"), () => (setLanguage(lang() === "zh" ? "en" : "zh"), again()), "small language");

export function menu() {
  engine?.stop();
  engine = null;
  screen = { scan: (text) => (opening = open("query", { text })) };
  const tasks = tasksOf(identity.role()).map((id) => button(taskName(id), () => (opening = open(id)), `task ${id}`));
  show(bars.bar(operator?.name || operator?.code || t("app"), { open: status }), updates.notice(), troubleNotice(), staleNotice(), h("main.menu", { "aria-label": t("choose_task") }, tasks),
    h("footer.foot", button(t("sign_out"), signOut, "small"), languageButton(menu)));
  document.activeElement?.blur?.();
}

function troubleNotice() {
  const { troubles } = bars.seen();
  return troubles ? h("section", { "aria-label": t("trouble_title") }, button(t("trouble_count", troubles), () => void bringUpTroubles(), "strip warn")) : null;
}

// Told before the first scan, because every cylinder would be refused.
function staleNotice() {
  return judgesFills(identity.role()) && snapshots.isStale() ? h("p.stale", { role: "alert" }, t("list_too_old")) : null;
}

// A result that a person must read comes up by itself, between two scans.
async function bringUpTroubles() {
  if (screen?.reading || alarm.isSounding() || (engine && engine.busy) || !(await unread()).length || document.querySelector(".sheet, .form")) return;
  const task = engine;
  if (!task && !document.querySelector(".menu")) return;
  screen?.stop?.();
  screen = { reading: true };
  await troublesScreen({ done: () => ((screen = null), task && engine === task ? work() : menu()) });
}

function status() {
  const back = engine ? () => work() : operator && alarm.canSound() ? menu : signIn;
  statusScreen({ back, operator, troubles: back });
}

async function open(id, first = null) {
  const task = TASKS[id];
  const settings = (await store.get("self", `task:${id}`)) ?? { setup: {} };
  engine = new Engine(id, { setup: settings.setup, checksWithScan: settings.checksWithScan, operator: operator?.code, askEach, repaint: () => screen?.paint?.() });
  const asks = task.setup.length && ((task.needs ?? []).some((field) => !settings.setup[field]) || task.perCustomer || task.asksChecks);
  if (asks && !first) return setup();
  work();
  if (first) engine.scan(first);
}

function work() {
  screen?.stop?.();
  engine.paused = false;
  screen = workScreen(engine, { leave: menu, status, edit: setup, nextCustomer: () => ((engine.setup = {}), setup()) });
}

// What is asked once, before the first cylinder of a task.
function setup() {
  screen?.stop?.();
  screen = null;
  engine.paused = true;
  const { task, id } = engine;
  const go = (checksWithScan) => async (values) => {
    Object.assign(engine, { setup: values, checksWithScan });
    if (!task.perCustomer) await store.put("self", { setup: values, checksWithScan }, `task:${id}`); // a customer is nobody's default
    work();
  };
  if (!task.asksChecks) return show(bars.bar(taskName(id), { back: menu, open: status }),
    h("main.plain", form({ fields: task.setup, values: engine.setup, needs: task.needs, submit: go(false), label: t("next") })));
  const values = () => Object.fromEntries([...document.querySelectorAll(".form [name]")].map((one) => [one.name, one.value.trim()]));
  const list = h("section.checks", h("h2", t("checks_title")), h("ul", checks(false).map(([, said]) => h("li", said))));
  return show(bars.bar(taskName(id), { back: menu, open: status }), h("main.plain",
    form({ fields: task.setup, values: engine.setup, submit: go(true), label: t("checks_with_scan"), intro: list }),
    h("div.below", button(t("checks_apart"), () => go(false)(values()), "big second"))));
}

// What is asked for each cylinder; null when the person turned back.
function askEach(task, scan) {
  return new Promise((resolve) => {
    screen?.stop?.();
    engine.paused = true;
    const settle = (values) => {
      work();
      resolve(values);
    };
    const keep = Object.fromEntries((task.keeps ?? []).map((field) => [field, engine.each?.[field] ?? ""]));
    show(bars.bar(taskName(engine.id), { back: () => settle(null), open: () => undefined }), h("main.plain", h("p.subject", scan.code ? grouped(scan.code) : scan.text || scan.uid), h("div.subject", task.verifies && scan.doubts.map((said) => h("p.doubt", said)), known(scan.judgement, scan.tag)),
      form({ fields: task.each, values: keep, needs: task.needs, submit: (values) => ((engine.each = values), settle(values)) })));
    screen = null;
  });
}

boot().catch((problem) => {
  console.error(problem);
  show(h("main.start", h("h2", t("not_saved")), h("p", String(problem?.message ?? problem))));
});
