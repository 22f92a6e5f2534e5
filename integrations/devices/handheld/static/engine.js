// From a scan to a saved record: one scan after the other, each judged, recorded, and only then shown.
import * as alarm from "./alarm.js";
import { Offline } from "./api.js";
import * as clock from "./clock.js";
import { parseChip, parseScan } from "./codes.js";
import { district } from "./identity.js";
import { record } from "./record.js";
import * as nfc from "./scan/nfc.js";
import { DISPOSITIONS, issueTag, readTag, takesFills, writeFill, writeFinding } from "./tagged.js";
import { hazardOf, TASKS } from "./tasks.js";
import { alarmed, isAlarmed, known, noticed, passed, source, uncover } from "./ui/result.js";
import { examine } from "./verdict.js";
import * as words from "./words.js";

const AGAIN = 3000; // ms within which the same scan is the same moment, not a second action
const { t } = words;

export class Engine {
  constructor(id, { setup = {}, checksWithScan = false, operator, askEach, repaint }) {
    Object.assign(this, { id, task: TASKS[id], setup, checksWithScan, operator, askEach, repaint, count: 0, busy: 0, last: null, aside: null });
    this.queue = Promise.resolve();
    this.before = { key: "", at: 0 };
  }

  // Takes a scan of any kind: {text} from a code, {uid, text, tag} from a chip.
  scan(input) {
    if (isAlarmed() || this.stopped) return alarm.isSounding() ? undefined : alarm.notice();
    if (this.paused) return alarm.notice(); // a form is open; nothing is recorded behind it
    this.busy += 1;
    this.queue = this.queue.then(() => this.#handle(input)).catch((problem) => this.#lost(problem)).finally(() => (this.busy -= 1));
    return this.queue;
  }

  async #handle(input) {
    if (isAlarmed()) return;
    uncover();
    const tag = input.records ? await readTag(input, { restores: !this.task.writes }) : null;
    if (tag?.writing) return this.#written(tag, input);
    const scan = read({ ...input, tag });
    if (scan.problem) return this.#show("notice", words.scanProblem(scan.problem), scan);
    const key = `${scan.code ?? ""}|${scan.uid ?? ""}|${this.aside?.key ?? ""}`;
    if (key === this.before.key && performance.now() - this.before.at < AGAIN) return this.#show("notice", t("again"), scan);
    this.before = { key, at: performance.now() };
    await (this.aside ? this.#recordAside(scan) : this.#work(scan));
  }

  async #work(scan) {
    const { task } = this;
    const { tag } = scan;
    if (task.writes) return this.#issue(scan);
    const judgement = await examine(scan, {
      medium: this.setup.medium, batch: this.setup.batch, operator: this.operator, checksWithScan: task.judged && this.checksWithScan, language: words.lang(),
    });
    const subject = { ...scan, code: judgement.code ?? scan.code, about: judgement.about, judgement, doubts: doubtsOf(judgement) };
    if (task.judged && !judgement.legal) return this.#refuse(subject, judgement);
    if (!task.kind) return this.#answer(subject, judgement);
    const each = task.each ? await this.askEach(task, subject) : {};
    if (!each) return;
    const drafts = task.drafts({ setup: this.setup, each, checksWithScan: this.checksWithScan, checkedHere: judgement.checkedHere, items: allGood(task) });
    await this.#record(drafts, subject);
    this.count += 1;
    if (task.kind === "fill" && takesFills(tag)) return this.#noteFill(subject, tag, judgement, drafts.at(-1));
    if (this.id === "finding" && tag?.image) return this.#write(subject, tag, each);
    const doubts = task.warns ? subject.doubts : [];
    if (doubts.length) this.#show("notice", `${words.taskName(this.id)} · ${t("saved")}`, subject, judgement, doubts);
    else this.#show("pass", task.judged ? t("ok") : words.taskName(this.id), subject, judgement, [], true);
  }

  async #refuse(scan, judgement) {
    this.#remember("alarm", words.reason(judgement.reasons[0]).say, scan, judgement);
    const blocked = judgement.reasons.filter((code) => words.reason(code).grave && !words.reason(code).own && code !== "pre_fill_check_missing");
    const illegal = blocked.length > 0;
    if (illegal) await this.#record([{ kind: "fill", place: this.setup.gun, data: { medium: this.setup.medium || undefined, blocked } }], scan); // stopped, and on record
    const chosen = await alarmed(judgement, scan, {
      headline: illegal ? t("illegal") : t("may_not"), more: illegal ? [["send_to_inspection", t("send_to_inspection")]] : [],
    });
    this.before = { key: "", at: 0 };
    if (chosen !== "send_to_inspection") return;
    await this.#record([{ kind: "send_to_inspection", data: { reason: judgement.reasons[0] } }], scan);
    this.#show("pass", t("send_to_inspection"), scan, judgement, [], true);
  }

  // A question: all that is known, in one word first.
  #answer(scan, judgement) {
    const said = judgement.source === "none" && !scan.tag ? [] : doubtsOf(judgement);
    const unknown = judgement.source === "none" && !said.length;
    const kind = unknown || said.length ? "notice" : "pass";
    this.#show(kind, unknown ? t("from_none") : said.length ? t("may_not") : t("ok"), scan, judgement, [...said, source(judgement)]);
  }

  // The finding goes onto the chip too; the chip is read back before anybody is told that it is there.
  async #write(scan, tag, { violation, disposition }) {
    let wrote = false;
    try {
      wrote = await writeFinding(scan, tag, { hazard: hazardOf(violation), disposition: DISPOSITIONS[disposition] });
    } catch (problem) {
      if (!problem.reason) throw problem;
      return this.#show("notice", t("tag_full"), scan);
    }
    this.before = { key: "", at: 0 };
    this.#show("notice", t(wrote ? "tag_check" : "tag_torn"), scan);
  }

  // The last fill stands on the chip as well, where it has room for it; what is recorded doesn't depend on it.
  async #noteFill(scan, tag, judgement, { data }) {
    const wrote = await writeFill(scan, tag, { net_kg: data.net_kg, gun: data.gun, operator: this.operator }).catch((problem) => console.warn(problem));
    this.#show("pass", wrote ? `${t("ok")} · ${t("tag_check")}` : `${t("ok")} · ${t(wrote === false ? "tag_torn" : "tag_full")}`, scan, judgement, [], true);
  }

  // First the printed code, then a fresh chip: the server signs, the device writes and reads back.
  async #issue(scan) {
    if (scan.uid === null || !scan.records) {
      this.label = scan.text || scan.code;
      return this.#show("notice", t("tag_hold"), scan);
    }
    const label = this.label || scan.text;
    if (!label) return this.#show("notice", t("tag_label_first"), scan);
    const said = await issueTag(scan, label, this.setup.profile, words.lang()).catch((problem) => {
      if (!(problem instanceof Offline)) throw problem;
      return { problem: t("tag_online") };
    });
    this.before = { key: "", at: 0 };
    if (said.problem) return this.#show("notice", t("tag_not_signed"), scan, null, [said.problem]);
    this.label = null;
    this.#show("notice", t(said.wrote ? "tag_check" : "tag_torn"), scan);
  }

  async #written(tag, input) {
    const scan = read(input);
    if (tag.writing === "wrote" || tag.writing === "torn") return this.#show("notice", t(tag.writing === "wrote" ? "tag_check" : "tag_torn"), scan);
    const data = { verified: tag.writing === "written", base_seq: tag.seen?.base_seq, finding_seq: tag.seen?.finding_seq };
    if (this.task.judged) this.before = { key: `${scan.code ?? ""}|${scan.uid ?? ""}|`, at: performance.now() }; // still the same tap
    if (this.task.writes) this.count += 1;
    await this.#record([{ kind: "tag_written", data }], scan);
    this.#show("pass", t("tag_written"), scan, { code: scan.code, cylinder: null }, [], true);
  }

  async #recordAside(scan) {
    const { key, failed = [], values = {} } = this.aside;
    const kind = key === "failed" ? (this.task.checks === "after" ? "check_after_fill" : "check_before_fill") : "send_to_inspection";
    const items = Object.fromEntries(failed.map((one) => [one, false]));
    await this.#record([{ kind, data: key === "failed" ? { passed: false, items } : values }], scan);
    this.aside = null;
    this.#show("notice", `${key === "failed" ? t("failed_next") : t("send_to_inspection")} · ${t("saved")}`, scan, { code: scan.code, cautions: [] });
  }

  async #record(drafts, scan) {
    const whole = drafts.map((draft) => ({ ...draft, label: scan.text || scan.code || undefined, uid: scan.uid, code: scan.code, about: scan.about ?? scan.code }));
    return record(whole, this.operator);
  }

  #remember(kind, title, scan, judgement, why = []) {
    this.last = { kind, title, why, code: scan.code, text: scan.text || scan.uid || "", at: clock.now(), facts: judgement ? known(judgement, scan.tag) : null };
    this.repaint();
  }

  #show(kind, title, scan, judgement = null, lines = [], saved = false) {
    this.#remember(kind, title, scan, judgement, lines);
    if (kind === "pass") passed(title, judgement, scan, saved);
    else noticed(title, lines, judgement, scan);
  }

  say(title) {
    noticed(title, [], null, { text: "" });
  }

  // Nothing is worse than a person who believes that it was saved.
  async #lost(problem) {
    console.error(problem);
    await alarmed({ reasons: [], code: null, source: "none", age: 0 }, { text: String(problem.message ?? problem).slice(0, 80) }, { headline: t("not_saved") });
  }

  async listenToChips() {
    try {
      this.stopChips ??= await nfc.listen((tap) => this.scan({ ...tap, via: "nfc" }), () => this.say(t("nfc_torn")));
      this.say(t("nfc_on"));
    } catch {
      this.say(t("nfc_no"));
    }
  }

  get hearsChips() {
    return Boolean(this.stopChips);
  }

  spoken(field, value) {
    return ["work", "reason", "disposition", "violation", "profile"].includes(field) ? Object.fromEntries(words.choices(field))[value] : value;
  }

  stop() {
    this.stopped = true;
    this.stopChips?.();
  }
}

// Reasons that say nothing against a cylinder that isn't to be filled now.
const ROUTINE = new Set(["pre_fill_check_missing", "operator_uncertified", "operator_certificate_expired", "filled_lately", "assay_missing", "no_snapshot", "snapshot_too_old", "not_judged"]);

const doubtsOf = ({ reasons }) => reasons.filter((code) => !ROUTINE.has(code)).map((code) => words.reason(code).say);

function allGood(task) {
  const list = task.checks === "after" ? words.checks(true) : words.checks(false);
  return Object.fromEntries(list.map(([key]) => [key, true]));
}

export function read({ text = "", uid = null, tag, records }) {
  const chip = uid ?? parseChip(text);
  if (chip && (uid === null || !text)) return { text: "", uid: chip, code: null, tag, records };
  const found = parseScan(text, district());
  if (found.problem === "needs_district") return { text, uid: chip, code: null };
  return found.problem ? { text, uid: chip, problem: found.problem } : { text, uid: chip, code: found.code, tag, records };
}
