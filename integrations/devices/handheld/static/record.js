// Makes an event of what was done: numbered, signed, and on the disk together with what the device remembers of it, before anybody is told.
import * as clock from "./clock.js";
import { identity } from "./identity.js";
import * as keys from "./keys.js";
import * as memory from "./memory.js";
import * as store from "./store.js";

const DIARY = 300;
export const LOCK = "handheld-write"; // two tabs never take the same number

// drafts: [{kind, label?, uid?, code, about, place?, data?, position?, photo?}] of one action; all of them or none. Returns the events.
export function record(drafts, operator) {
  return navigator.locks.request(LOCK, async () => {
    const last = (await store.get("self", "seq")) ?? 0;
    const events = await Promise.all(drafts.map((draft, i) => eventOf(draft, last + 1 + i, operator, i)));
    const entries = await remembered(events, drafts);
    await store.change(["self", "outbox", "memory", "diary", "photos"], (self, outbox, remembering, diary, photos) => {
      self.put(last + events.length, "seq");
      events.forEach((event, i) => {
        if (drafts[i].photo) photos.put({ id: event.id, code: drafts[i].code, at: Date.parse(event.occurred_at), ...drafts[i].photo });
        outbox.put({ seq: event.seq, id: event.id, code: drafts[i].code, about: drafts[i].about, event });
        diary.put({ seq: event.seq, kind: event.data.blocked ? "blocked" : event.kind, code: drafts[i].code, at: Date.parse(event.occurred_at) });
        diary.delete(event.seq - DIARY);
      });
      for (const entry of entries.values()) remembering.put(entry);
    });
    void clock.remember();
    announce();
    return events;
  });
}

async function eventOf(draft, seq, operator, place) {
  const at = clock.now() + place; // events of one action stay in their order
  const event = {
    id: keys.uuid7(at), seq, kind: draft.kind, occurred_at: clock.rfc3339(at),
    label: draft.label || undefined, uid: draft.uid || undefined,
    operator: operator || undefined, place: draft.place || undefined, position: draft.position || undefined,
    data: { ...draft.data, clock: clock.evidence() },
  };
  const known = JSON.parse(JSON.stringify(event)); // what isn't said isn't there
  const key = identity()?.credential.kind === "key" ? await keys.mine() : null;
  if (key) known.signature = await keys.sign(key, keys.utf8(`QPEVENT1\n${keys.canonical(known)}`));
  return known;
}

async function remembered(events, drafts) {
  const entries = new Map();
  for (const [i, event] of events.entries()) {
    const code = drafts[i].about;
    if (!code) continue; // a chip that nobody here knows
    const entry = entries.get(code) ?? (await store.get("memory", code)) ?? memory.fresh(code);
    entries.set(code, memory.after(entry, event, Date.parse(event.occurred_at)));
  }
  return entries;
}

// Other parts of the app, and other tabs, hear that something was recorded or sent.
const channel = new BroadcastChannel("handheld-outbox");
const listeners = new Set();
channel.onmessage = () => listeners.forEach((listener) => listener());

export function announce() {
  listeners.forEach((listener) => listener());
  channel.postMessage("changed");
}

export const onChange = (listener) => listeners.add(listener);
