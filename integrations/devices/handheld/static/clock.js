// The time, although nobody can rely on the device's clock: the server's where it is known, and never earlier than what was seen before.
import * as store from "./store.js";

const SKEW = 120_000; // ms that a clock may be behind what was seen before nobody believes it any more
const FRESH = 24 * 3600_000;
let state = { offset: 0, syncedAt: 0, seen: 0, setBack: false };
let anchor = null; // [the time, performance.now()] at the last moment that was certain
let kept = 0;

export async function load() {
  state = { ...state, ...(await store.get("self", "clock")) };
  const wall = Date.now() + state.offset;
  state.setBack = wall < state.seen - SKEW;
  anchor = [Math.max(wall, state.seen), performance.now()];
}

// Milliseconds since 1970; later than everything seen before, whatever the device's clock says.
export function now() {
  const steady = anchor ? anchor[0] + performance.now() - anchor[1] : 0; // goes on when the clock is set back, stands still in sleep
  const found = Math.max(steady, Date.now() + state.offset, state.seen);
  state.seen = found;
  if (found - kept > 30_000) void keep(found);
  return found;
}

async function keep(at) {
  kept = at;
  await store.put("self", { ...state }, "clock").catch(() => undefined);
}

// The server's clock as far as it is known, for signatures that must be fresh.
export const byServer = () => (anchor && state.syncedAt ? Math.max(anchor[0] + performance.now() - anchor[1], Date.now() + state.offset) : Date.now() + state.offset);

// Keep what was seen, so that the next start knows a clock that was set back meanwhile.
export const remember = () => keep(now());

// What the server says of the time, with how long the question took; it settles every doubt.
export async function sync(serverTime, tookMs) {
  const at = Date.parse(serverTime) + tookMs / 2;
  if (!Number.isFinite(at)) return;
  anchor = [at, performance.now()];
  state = { offset: at - Date.now(), syncedAt: at, seen: at, setBack: false };
  await keep(at);
}

// A signed time from elsewhere (snapshot, tag): the present can't be before it.
export function seen(at) {
  if (Number.isFinite(at) && at > state.seen && at < now() + 400 * 24 * 3600_000) state.seen = at;
}

// Whether the clock stood before what had been seen when the app began: nobody knows then how long the device was off.
export const wasSetBack = () => state.setBack;
export const known = () => state.syncedAt > 0;

// synced: compared with the server within a day; stale: longer ago; suspect: never, or the clock was set back.
export function trust() {
  const at = now();
  if (!state.syncedAt || state.setBack) return "suspect";
  return at - state.syncedAt < FRESH ? "synced" : "stale";
}

// What goes with an event, so that the server can judge the time by itself.
export const evidence = () => ({ trust: trust(), wall: new Date().toISOString(), offset_ms: Math.round(state.offset) });

const PARTS = new Intl.DateTimeFormat("en-CA", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit",
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

function parts(at) {
  return Object.fromEntries(PARTS.formatToParts(at).map(({ type, value }) => [type, value]));
}

export function today(at = now()) {
  const p = parts(at);
  return `${p.year}-${p.month}-${p.day}`;
}

export function time(at = now()) {
  const p = parts(at);
  return `${p.hour}:${p.minute}`;
}

export const stamp = (at = now()) => `${today(at)} ${time(at)}`;

// RFC 3339 with the offset of Shanghai, milliseconds included.
export function rfc3339(at = now()) {
  return new Date(at + 8 * 3600_000).toISOString().replace("Z", "+08:00");
}
