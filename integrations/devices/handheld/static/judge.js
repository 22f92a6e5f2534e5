// May it be filled? The worst of what the server, the snapshot, the chip and the device's own memory say; never better than any of them.
// Pure: facts in, judgement out. Reasons of the device itself are in words.js (OWN), all others are the server's refusal codes.

export const FILLED_LATELY = 12 * 3600_000; // ms within which a second scan isn't a second fill
const DAY = 24 * 3600_000;
const OF_CHECKS = new Set(["pre_fill_check_missing", "pre_fill_check_failed"]);

// facts: {code, now, today, online?: {verdict, refusals, cautions}, row?, snapshot?: {issuedAt, mostAge}, memory?, tag?, clockSetBack, checksWithScan}
export function judge(facts) {
  const reasons = [...(facts.online ? facts.online.refusals : offline(facts)), ...ofTag(facts), ...ofMemory(facts)];
  const checked = withChecks(facts, [...new Set(reasons)]);
  return {
    legal: checked.length === 0,
    reasons: checked,
    cautions: facts.online?.cautions ?? facts.row?.cautions ?? [],
    source: facts.online ? "server" : facts.row || facts.snapshot ? "snapshot" : "none",
    age: facts.online || !facts.snapshot ? 0 : Math.max(0, facts.now - facts.snapshot.issuedAt),
  };
}

// What the device alone can say: the server's verdict of the snapshot's day, aged.
function offline({ row, snapshot, now, today, clockSetBack }) {
  if (clockSetBack) return ["clock_set_back"];
  if (!snapshot) return ["no_snapshot"];
  if (now - snapshot.issuedAt > snapshot.mostAge) return ["snapshot_too_old"];
  if (!row) return ["unknown_code"];
  const expired = row.fillableUntil && row.fillableUntil < today && !row.refusals.length;
  return expired ? [row.expires ?? "inspection_overdue"] : row.refusals;
}

function ofTag({ tag }) {
  return tag?.reasons ?? [];
}

function ofMemory({ memory, now }) {
  if (!memory) return [];
  const found = [];
  if (memory.scrapped_at) found.push("condemned");
  if (memory.finding_at) found.push("finding_here");
  if (memory.sent_at) found.push("sent_to_inspection_here");
  if (memory.filled_at && now - memory.filled_at < FILLED_LATELY) found.push("filled_here");
  if (memory.refused?.length) found.push(...memory.refused.filter((code) => !OF_CHECKS.has(code)));
  return found;
}

// A check that this device recorded counts at once, and the scan itself may be the check.
function withChecks({ memory, now, checkHours = 24, checksWithScan }, reasons) {
  const here = memory?.checked_at && (!memory.filled_at || memory.filled_at < memory.checked_at) && now - memory.checked_at < checkHours * (DAY / 24);
  if (here && memory.check_passed === false) return [...reasons.filter((code) => !OF_CHECKS.has(code)), "pre_fill_check_failed"];
  if (here && memory.check_passed) return reasons.filter((code) => !OF_CHECKS.has(code));
  if (checksWithScan) return reasons.filter((code) => code !== "pre_fill_check_missing");
  return reasons;
}
