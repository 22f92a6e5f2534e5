// Sends what was recorded, in order, by one tab at a time, until the server has it; then asks what became of it.
// An event leaves the device's outbox only with the server's 202, and its last copy only with its result.
import * as api from "./api.js";
import * as clock from "./clock.js";
import * as memory from "./memory.js";
import { announce } from "./record.js";
import * as store from "./store.js";

export const LOCK = "handheld-send";
const KEPT = 3000; // events that stay here after their results, for a server that was set back
const MOST = 100; // events in a call
const OFTEN = 500; // ms between two questions for results, at first
const SELDOM = 60_000;
const SMALLER = new Set([413, 422, 400]);

let asking = OFTEN;

// Sends everything that waits. Returns the ms after which to try again, or null when nothing is left.
export async function flush(language = "zh") {
  const wait = await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? sendAll(language) : 2000));
  announce();
  return wait;
}

async function sendAll(language) {
  let most = MOST;
  for (;;) {
    const waiting = await store.all("outbox", most);
    if (!waiting.length) return settleAll(language);
    const text = `{"events":[${waiting.map(({ event }) => JSON.stringify(event)).join(",")}]}`;
    let answer;
    try {
      answer = await api.call("/events", { method: "POST", body: text, language });
    } catch (error) {
      if (error instanceof api.Offline) return 15_000;
      throw error;
    }
    if (answer.status === 202) {
      await acknowledged(waiting, answer.body);
      asking = OFTEN;
      most = MOST;
    } else if (SMALLER.has(answer.status) && waiting.length > 1) most = Math.ceil(waiting.length / 2);
    else if (SMALLER.has(answer.status)) await putAside(waiting[0], answer.body?.code ?? "", answer.body?.title ?? String(answer.status));
    else return answer.status === 401 || answer.status === 403 ? 60_000 : answer.retryAfter;
  }
}

// The server has them: out of the outbox, but kept until it is known what became of each.
async function acknowledged(waiting, receipt) {
  const malformed = new Map((receipt.malformed ?? []).map((one) => [one.index, one]));
  const entries = await memories(waiting.filter((_, i) => malformed.has(i)), (one) => ({ state: "rejected", kind: one.event.kind }));
  await store.change(["outbox", "sent", "troubles", "memory", "kept"], (outbox, sent, troubles, remembering, kept) => {
    waiting.forEach((one, i) => {
      outbox.delete(one.seq);
      if (malformed.has(i)) {
        troubles.put(trouble(one, { state: "malformed", refusals: [], ...malformed.get(i) }));
        keep(kept, one, "malformed");
      } else sent.put({ ...one, upload: receipt.upload });
    });
    entries.forEach((entry) => remembering.put(entry));
  });
  announce();
}

// The device's own copy, for a while.
function keep(kept, { upload: _, ...one }, settled) {
  kept.put({ ...one, settled });
  kept.delete(one.seq - KEPT);
}

async function putAside(one, code, message) {
  const entries = await memories([one], () => ({ state: "rejected", kind: one.event.kind }));
  await store.change(["outbox", "troubles", "memory", "kept"], (outbox, troubles, remembering, kept) => {
    outbox.delete(one.seq);
    keep(kept, one, "malformed");
    troubles.put(trouble(one, { state: "malformed", refusals: [], code, message }));
    entries.forEach((entry) => remembering.put(entry));
  });
}

function trouble(one, result) {
  return {
    id: one.id, seq: one.seq, kind: one.event.kind, code: one.code, at: Date.parse(one.event.occurred_at), event: one.event,
    state: result.state, refusals: result.refusals ?? [], reason: result.code ?? "", message: result.message ?? "", read: 0,
  };
}

// Asks what became of what was sent. Returns the ms after which to ask again, more each time, or null when everything is known.
async function settleAll(language) {
  const uploads = new Map();
  for (const one of await store.all("sent")) uploads.set(one.upload, [...(uploads.get(one.upload) ?? []), one]);
  let pending = false;
  for (const [upload, sent] of uploads) {
    const { status, body } = await api.call(`/uploads/${upload}`, { language }).catch(() => ({ status: 0 }));
    if (status === 404) await sendAgain(sent);
    else if (status === 200) await settle(sent, body.results);
    if (status !== 200 || body.state !== "done") pending = true;
    if (status === 0 || status === 401) break; // no network, or a device that is revoked: its events wait for a manager
  }
  asking = pending ? Math.min(asking * 1.5, SELDOM) : OFTEN;
  return pending ? asking : null;
}

// A server that doesn't know the upload any more was set back to an earlier state: it gets the same events once more.
async function sendAgain(sent) {
  await store.change(["sent", "outbox"], (from, outbox) => {
    for (const { upload: _, ...one } of sent) {
      from.delete(one.id);
      outbox.put(one);
    }
  });
}

async function settle(sent, results) {
  const found = new Map(results.map((result) => [result.id, result]));
  const done = sent.filter((one) => found.has(one.id) && found.get(one.id).state !== "pending");
  if (!done.length) return;
  const entries = await memories(done, (one) => ({ ...found.get(one.id), kind: one.event.kind, blocked: one.event.data.blocked }));
  await store.change(["sent", "troubles", "memory", "kept"], (from, troubles, remembering, kept) => {
    for (const one of done) {
      from.delete(one.id);
      keep(kept, one, found.get(one.id).state);
      if (found.get(one.id).state !== "applied" && !one.event.data.blocked) troubles.put(trouble(one, found.get(one.id)));
    }
    entries.forEach((entry) => remembering.put(entry));
  });
  announce();
}

async function memories(events, resultOf) {
  const entries = new Map();
  for (const one of events) {
    if (!one.about) continue;
    const entry = entries.get(one.about) ?? (await store.get("memory", one.about)) ?? memory.fresh(one.about);
    entries.set(one.about, memory.settled(entry, { lifted_at: liftedAt(one.event), ...resultOf(one) }, clock.now()));
  }
  return entries;
}

const liftedAt = ({ kind, data, occurred_at }) => (kind === "finding" && data.disposition === "lifted" ? Date.parse(occurred_at) : undefined);

export async function counts() {
  const [waiting, sent, troubles] = await Promise.all([store.count("outbox"), store.count("sent"), store.count("troubles")]);
  return { waiting, sent, troubles };
}
export const unread = () => store.all("troubles");
// Read and understood by a person: it is on record at the server, and the device needs it no more.
export const acknowledge = (id) => store.remove("troubles", id).then(announce);
