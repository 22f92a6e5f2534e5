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
export async function examine(scan, { medium, operator, checksWithScan = false, language = "zh" } = {}) {
  const row = (scan.code ? snapshots.find(scan.code) : null) ?? (scan.uid ? snapshots.findChip(scan.uid) : null);
  const code = scan.code ?? row?.code ?? null;
  const online = await ask(scan, { medium, operator, language });
  const remembered = code ? await store.get("memory", code) : null;
  const found = snapshots.snapshot();
  const facts = {
    code, now: clock.now(), today: clock.today(), online, row, memory: remembered, tag: scan.tag, checksWithScan,
    clockSetBack: clock.wasSetBack(), checkHours: found?.checkHours,
    snapshot: found && { issuedAt: found.issuedAt, mostAge: found.mostAge },
  };
  return { ...judge(facts), code: online?.cylinder?.code ?? code, cylinder: online?.cylinder ?? row, memory: remembered };
}

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
