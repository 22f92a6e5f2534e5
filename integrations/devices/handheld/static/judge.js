// May it be filled? The worst of what the server, the list, the chip and the device's own memory say; never better than any of them.
// Pure: facts in, judgement out. Without the server it follows docs/snapshot-format.md, «Saying no». Reasons that only a device knows
// are in words.js (OWN); all others are the server's refusal codes.

export const FILLED_LATELY = 12 * 3600_000; // ms within which a second scan isn't a second fill
const HOUR = 3600_000;
const OF_CHECKS = new Set(["pre_fill_check_missing", "pre_fill_check_failed"]);

// facts: {code, uid, row, online?, snapshot?, memories, tag?, medium, operator, batch, now, today, setBack, checksWithScan, chip}
export function judge(facts) {
  const said = facts.online ? facts.online.refusals.filter((code) => !checkedHere(facts) || !OF_CHECKS.has(code)) : offline(facts);
  const checks = facts.online && !checkedHere(facts) ? [] : facts.row?.status || checkedHere(facts) ? ofChecks(facts) : [];
  const all = [...new Set([...said, ...checks, ...(facts.tag?.reasons ?? []), ...facts.memories.flatMap(ofMemory), ...ofFullness(facts)])];
  const reasons = facts.checksWithScan ? all.filter((code) => code !== "pre_fill_check_missing") : all;
  return {
    legal: reasons.length === 0, reasons, cautions: facts.online?.cautions ?? [],
    source: facts.online ? "server" : facts.snapshot ? "snapshot" : "none",
    age: facts.online || !facts.snapshot ? 0 : Math.max(0, facts.now - facts.snapshot.issuedAt),
  };
}

function offline(facts) {
  const { snapshot, row, now, setBack } = facts;
  if (setBack) return ["clock_set_back"];
  if (!snapshot) return ["no_snapshot"];
  if (now > snapshot.goodUntil) return ["snapshot_too_old"];
  const ofRow = row ? [...row.refused, ...past(row, facts), ...ofChip(facts), ...wrongMedium(facts)] : [unknown(facts)];
  return [...ofRow, ...ofSite(facts), ...ofOperator(facts), ...ofMedium(facts)];
}

const unknown = ({ code, snapshot }) => (code && !code.startsWith(snapshot.head) ? "not_own_cylinder" : "unknown_code");
const past = (row, { today }) => Object.entries(row.until).filter(([, last]) => last && last < today).map(([code]) => code);

// A chip that was read beside a code must be one of the cylinder's, or at least nobody else's.
function ofChip({ uid, scanned, row, chip }) {
  if (!uid || !scanned) return [];
  if (chip?.bearer) return chip.bearer.code === row.code || (row.on && chip.bearer.on === row.on) ? [] : ["tag_mismatch"];
  return chip?.others ? ["tag_mismatch"] : [];
}

const named = ({ medium, snapshot: { site } }) => site.medium_codes[medium] ?? (Object.values(site.medium_codes).includes(medium) ? medium : null);
const wrongMedium = (facts) => (facts.medium && facts.row.status && named(facts) !== facts.row.medium ? ["wrong_medium"] : []);

function ofMedium(facts) {
  const { site } = facts.snapshot;
  const medium = named(facts) ?? facts.row?.medium;
  if (!medium) return [];
  return [
    ...(site.licensed && !site.licensed.includes(medium) ? ["medium_not_licensed"] : []),
    ...(site.assay_required.includes(medium) && !assayed(facts, medium) ? ["assay_missing"] : []),
  ];
}

function ofSite({ snapshot: { site }, today }) {
  return [...site.refused, ...(site.licence_until && site.licence_until < today ? ["licence_expired"] : [])];
}

function ofOperator({ operator, snapshot, today }) {
  if (!operator) return [];
  const person = snapshot.site.operators.find((one) => one.code === operator);
  if (!person || (person.left_on && person.left_on < today) || !person.certified) return ["operator_uncertified"];
  return person.until && person.until < today ? ["operator_certificate_expired"] : [];
}

function assayed({ snapshot, batch, today }, medium) {
  const found = snapshot.site.assays.filter((one) => one.medium === medium && one.on <= today && (!batch || one.batch === batch));
  const newest = found.map((one) => one.on).sort().at(-1);
  const last = found.filter((one) => one.on === newest);
  return last.length > 0 && last.every((one) => one.passed && (!one.until || one.until >= today));
}

// A check or a fill of this device that the server hasn't answered for counts as if it stood in the list.
const checkedHere = ({ memories }) => memories.some((one) => one.open_checks > 0);

function ofChecks({ row, memories, now, snapshot, online }) {
  const newest = [...memories.filter((one) => one.checked_at).map((one) => ({ at: one.checked_at, passed: one.check_passed === true })),
    ...(row?.check && !online ? [{ at: row.checked_at, passed: row.check === 1 }] : [])].sort((a, b) => b.at - a.at)[0];
  const filled = Math.max(row?.filled_at ?? 0, ...memories.map((one) => one.filled_at ?? 0), 0);
  if (!newest || newest.at > now || newest.at <= filled || now - newest.at > (snapshot?.site.check_valid_hours ?? 24) * HOUR) return ["pre_fill_check_missing"];
  return newest.passed ? [] : ["pre_fill_check_failed"];
}

// A second scan within hours of a fill is a second scan, not a second fill, unless the cylinder went somewhere meanwhile.
function ofFullness({ row, memories, now }) {
  const filled = Math.max(row?.stage === "full_stored" ? row.filled_at : 0, ...memories.map((one) => one.filled_at ?? 0), 0);
  const emptied = Math.max(...memories.map((one) => one.emptied_at ?? 0), 0);
  return filled > emptied && now - filled < FILLED_LATELY ? ["filled_lately"] : [];
}

function ofMemory(memory) {
  const found = [];
  if (memory.scrapped_at) found.push("condemned");
  if (memory.finding_at) found.push("finding_here");
  if (memory.sent_at) found.push("sent_to_inspection_here");
  if (memory.refused?.length) found.push(...memory.refused.filter((code) => !OF_CHECKS.has(code)));
  return found;
}
