// Gathers what there is to know about a scanned cylinder, and judges it.
import * as api from "./api.js";
import * as clock from "./clock.js";
import { role } from "./identity.js";
import { judge } from "./judge.js";
import * as snapshots from "./snapshot.js";
import * as store from "./store.js";
import { judgesFills } from "./tasks.js";

const PATIENCE = 1500; // ms that a person waits for the server before the device judges by itself

// scan: {code?, text, uid?, tag?}; returns the judgement with what is known of the cylinder.
export async function examine(scan, { medium, batch, operator, checksWithScan = false, language = "zh" } = {}) {
  const bearer = scan.uid ? snapshots.findChip(scan.uid) : null;
  const row = scan.code ? snapshots.find(scan.code) : bearer;
  const online = await ask(scan, { medium, operator, language });
  const code = scan.code ?? row?.code ?? online?.cylinder?.code ?? null;
  const about = row?.on ?? code;
  const found = await Promise.all([...new Set([about, code])].filter(Boolean).map((key) => store.get("memory", key)));
  const memories = found.filter(Boolean);
  const facts = {
    code, uid: scan.uid, scanned: Boolean(scan.code), row, online, snapshot: snapshots.snapshot(), memories, tag: scan.tag, medium, batch, operator, checksWithScan,
    chip: { bearer, others: Boolean(row && scan.uid && !bearer && snapshots.hasChips(row)) },
    now: clock.now(), today: clock.today(), setBack: clock.wasSetBack(),
  };
  return { ...judge(facts), code, about, cylinder: online?.cylinder ?? row, checkedHere: isChecked(memories) };
}

const isChecked = (memories) => memories.some((one) => one.checked_at > (one.filled_at ?? 0) && one.check_passed);

async function ask(scan, { medium, operator, language }) {
  if (!judgesFills(role())) return null;
  if (api.link.state === "down") return null; // whoever keeps asking in the background says when it is back
  const body = { label: scan.text || undefined, uid: scan.uid || undefined, medium: medium || undefined, operator: operator || undefined };
  try {
    const answer = await api.call("/verdicts", { method: "POST", body, patience: PATIENCE, language });
    if (answer.status !== 200) return null;
    const { refusals, cautions, cylinder } = answer.body;
    return { refusals: refusals.map((one) => one.code), cautions: cautions.map((one) => one.code), cylinder };
  } catch (error) {
    if (error instanceof api.Offline) return null;
    throw error;
  }
}
