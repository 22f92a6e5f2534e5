// What goes on in the background: send, learn results, renew the list, keep the clock right, find out when the network is back.
import * as api from "./api.js";
import * as clock from "./clock.js";
import { identity } from "./identity.js";
import * as missing from "./missing.js";
import { flush } from "./outbox.js";
import { onChange } from "./record.js";
import * as snapshots from "./snapshot.js";
import { lang } from "./words.js";

const PROBE = 5000; // ms between looks for a network that is away
const CLOCK = 10 * 60_000;
const LIST = 10 * 60_000;
let timer = null;
let dueAt = Infinity;
let busy = false;
const MISSING = 10 * 60_000;
let last = { clock: 0, list: 0, missing: 0 };

export function start() {
  for (const event of ["online", "focus", "pageshow"]) addEventListener(event, () => soon(0));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && soon(0));
  onChange(() => soon(200));
  soon(0);
}

// Runs within so many ms; an earlier appointment stays.
export function soon(ms) {
  if (performance.now() + ms >= dueAt) return;
  clearTimeout(timer);
  dueAt = performance.now() + ms;
  timer = setTimeout(() => void round(), ms);
}

async function round() {
  dueAt = Infinity;
  if (busy) return soon(500);
  busy = true;
  let wait = PROBE;
  try {
    wait = identity() ? await everything() : 60_000;
  } catch (error) {
    if (!(error instanceof api.Offline)) console.error(error);
  } finally {
    busy = false;
  }
  soon(Math.min(wait ?? 30_000, 60_000));
}

async function everything() {
  const at = performance.now();
  if (!last.clock || at - last.clock > CLOCK || api.link.state === "down" || clock.wasSetBack()) {
    const { status, body, tookMs } = await api.call("/time", { open: true, patience: 5000 });
    if (status === 200) await clock.sync(body.server_time, tookMs);
    last.clock = at;
  }
  const wait = await flush(lang());
  if (api.link.state !== "shut" && (!last.list || at - last.list > LIST)) {
    last.list = at;
    await snapshots.refresh();
  }
  if (wait === null && api.link.state !== "shut" && (!last.missing || at - last.missing > MISSING)) {
    last.missing = at;
    if (await missing.ask(lang())) return 0;
  }
  return wait;
}

export async function renewList() {
  last.list = 0;
  soon(0);
}
