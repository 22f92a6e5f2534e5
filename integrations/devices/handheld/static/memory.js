// What this device did to a cylinder since the snapshot was made. It only ever makes a judgement stricter, except that a check done here
// counts as a check.

const EMPTIES = new Set(["take_in", "recover", "inspect", "repair", "deliver", "store_out"]); // after these a full cylinder is full no more

export const fresh = (code) => ({ code, pending: 0, open_checks: 0, settled_at: 0, last: null, at: 0 });

// The entry after one more event of this device.
export function after(entry, event, at) {
  const next = { ...entry, pending: entry.pending + 1, last: event.kind, at };
  if (event.kind === "check_before_fill") Object.assign(next, { checked_at: at, check_passed: event.data.passed === true });
  if (event.data.blocked) return { ...next, last: "blocked" }; // nothing was filled
  if (event.kind === "fill") next.filled_at = at;
  if (OF_CHECKS.has(event.kind)) next.open_checks += 1;
  if (event.kind === "scrap" || (event.kind === "inspect" && event.data.passed === false)) next.scrapped_at = at;
  if (event.kind === "send_to_inspection") next.sent_at = at;
  if (EMPTIES.has(event.kind)) Object.assign(next, { emptied_at: at, sent_at: event.kind === "inspect" || event.kind === "take_in" ? 0 : next.sent_at });
  if (event.kind === "finding" && STOPPING.has(event.data.disposition)) next.finding_at = at; // a lifting counts once the server has taken it
  return next;
}

const STOPPING = new Set(["rectify", "stop"]);
const OF_CHECKS = new Set(["check_before_fill", "fill"]);

// The entry once the server has said what became of one of its events: {state, kind, refusals, blocked, lifted_at}.
export function settled(entry, result, at) {
  const next = { ...entry, pending: Math.max(0, entry.pending - 1), settled_at: at };
  if (result.blocked) return next;
  if (OF_CHECKS.has(result.kind)) next.open_checks = Math.max(0, next.open_checks - 1);
  if (result.state === "refused" && result.kind === "fill") Object.assign(next, { filled_at: 0, refused: result.refusals });
  if (result.state === "applied" && result.lifted_at >= (next.finding_at ?? 0)) next.finding_at = 0;
  if (result.state !== "applied" && result.kind === "check_before_fill") Object.assign(next, { checked_at: 0, check_passed: undefined });
  return next;
}

// Whether a list of that moment knows everything that this entry says.
export const isKnownTo = (entry, issuedAt) => entry.pending === 0 && entry.settled_at < issuedAt;
