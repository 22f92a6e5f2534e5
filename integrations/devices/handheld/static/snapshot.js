// The list of the enterprise's labels with the server's verdict on each, signed, for judging without a network: one whole file and the
// changes since. Whatever doesn't fit or isn't signed is thrown away, and the whole is asked for again.
import * as api from "./api.js";
import * as clock from "./clock.js";
import { tenant } from "./identity.js";
import * as keys from "./keys.js";
import * as memory from "./memory.js";
import * as ring from "./ring.js";
import { parse } from "./snapfile.js";
import * as store from "./store.js";

const MOST_CHANGES = 20_000; // rows in files of changes before the whole is cheaper
const MOST_FILES = 200;
let current = null; // {whole, header, files: [buffer], rows: Map, chips: Map}

export async function load() {
  const kept = await store.get("self", "snapshot");
  current = null;
  if (!kept) return null;
  try {
    current = opened(kept.whole);
    for (const changes of kept.files) apply(parse(changes), changes);
    clock.seen(Date.parse(current.header.issued_at));
  } catch (problem) {
    console.error(problem);
    current = null;
  }
  return current;
}

function opened(buffer) {
  const whole = parse(buffer);
  return { whole, buffer, header: whole.header, files: [], rows: new Map(), chips: new Map() };
}

function apply(file, buffer) {
  const changed = new Set();
  for (const row of file.rows()) {
    current.rows.set(row.code, row);
    changed.add(row.code);
  }
  for (const [chip, owner] of current.chips) if (changed.has(owner)) current.chips.delete(chip);
  for (const [chip, owner] of file.chips()) current.chips.set(chip, owner);
  current.header = file.header;
  if (current.files.length && !parse(current.files.at(-1)).header.rows) current.files.pop(); // said nothing but the time
  current.files.push(buffer);
}

export const snapshot = () =>
  current && {
    issuedAt: Date.parse(current.header.issued_at), goodUntil: Date.parse(current.header.good_until), site: current.header.site,
    head: current.header.district + current.header.enterprise, count: current.whole.header.rows,
  };

// Whether nothing is judged by it any more.
export const isStale = () => Boolean(current) && clock.now() > snapshot().goodUntil;

export const find = (code) => current && (current.rows.get(code) ?? current.whole.find(code));

export function findChip(uid) {
  if (!current) return null;
  const changed = current.chips.get(uid);
  const code = changed ?? current.whole.findChip(uid);
  if (!code || (!changed && current.rows.has(code))) return null; // a label that changed bears what the change says
  return find(code);
}

// Whether the cylinder of a label bears any chip at all.
export function hasChips(row) {
  const labels = new Set(row.on ? current.whole.labelsOn(row.on) : []).add(row.code);
  for (const [code, other] of current.rows) row.on && other.on === row.on ? labels.add(code) : code !== row.code && labels.delete(code);
  for (const owner of current.chips.values()) if (labels.has(owner)) return true;
  return [...labels].some((code) => !current.rows.has(code) && current.whole.bearsChip(code));
}

// Ask for what is new; true when there is something newer than before.
export async function refresh() {
  await ring.refresh();
  const tooMany = current && (current.rows.size > MOST_CHANGES || current.files.length > MOST_FILES);
  const since = current && !tooMany ? current.header.version : null;
  return (await fetchOne(since)) || (since !== null && (await fetchOne(null)));
}

async function fetchOne(since) {
  const answer = await api.call(`/snapshot${since ? `?since=${encodeURIComponent(since)}` : ""}`, { raw: true, patience: 60_000 });
  if (answer.status !== 200) return since !== null; // another time; an error is no reason to ask for more
  try {
    return await take(answer.body);
  } catch (problem) {
    console.warn(problem);
    return false;
  }
}

// Check and keep; throws when anything is wrong with it.
export async function take(buffer) {
  const file = parse(buffer);
  const { header } = file;
  const key = await ring.keyOf(header.kid, "snapshot", Date.parse(header.issued_at));
  if (!key || !(await keys.verify(key, file.signature, file.signed))) throw new Error("signature");
  if (header.tenant !== tenant()) throw new Error("another enterprise");
  if (current && Date.parse(header.issued_at) < Date.parse(current.header.issued_at)) throw new Error("older");
  if (header.since !== null && header.since !== current?.header.version) throw new Error("not the next");
  if (header.since === null) current = opened(buffer);
  else apply(file, buffer);
  clock.seen(Date.parse(header.issued_at));
  await store.put("self", { whole: current.buffer, files: current.files }, "snapshot");
  await forget(Date.parse(header.issued_at));
  return true;
}

// What the device remembers and the server knew when it made this needn't be remembered any more.
async function forget(issuedAt) {
  const known = (await store.all("memory")).filter((entry) => memory.isKnownTo(entry, issuedAt));
  await store.change(["memory"], (remembering) => known.forEach((entry) => remembering.delete(entry.code)));
}
