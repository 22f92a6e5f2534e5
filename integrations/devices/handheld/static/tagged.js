// What the signed content of a chip says of its cylinder, and writing it without ever losing it. The layout itself is in tags/.
import * as api from "./api.js";
import * as clock from "./clock.js";
import { identity } from "./identity.js";
import * as keys from "./keys.js";
import { ring } from "./ring.js";
import * as nfc from "./scan/nfc.js";
import * as store from "./store.js";
import { unhex } from "./tags/bytes.js";
import { useLibrary } from "./tags/ed25519.js";
import { encode, fillSlots, fromRecords, toRecords } from "./tags/image.js";
import { keyringOf } from "./tags/keyring.js";
import { read } from "./tags/reading.js";
import { addFill, addFinding, recover } from "./tags/writing.js";

const OF_STATUS = { 2: "suspended", 3: "cancelled", 4: "condemned" };
export const DISPOSITIONS = { noted: 1, rectify: 2, stop: 3, lifted: 4 };
useLibrary({ verify: async (signature, message, publicKey) => keys.verify(publicKey, signature, message) });

// {uid, text, records} of a tap → {reasons, verdict, flaws, base, fill, findings…}; null when the chip holds nothing but an address.
export async function readTag({ uid, records }, { restores = true } = {}) {
  const message = fromRecords({ records });
  const intent = await openIntent(uid);
  if (intent) return { ...(await ofIntent(intent, message)), reasons: [] };
  const signed = message?.length && records.some(({ recordType }) => recordType !== "url" && recordType !== "absolute-url");
  if (!signed) return restores && !message?.length ? restored(uid) : null;
  const known = (await store.get("tags", uid))?.seen;
  const found = await read(message, unhex(uid), await about(known));
  if (found.seen && found.verdict !== "refused") await remember(uid, found.seen);
  return { ...found, message, reasons: reasonsOf(found) };
}

async function about(known) {
  return { ring: keyringOf((await ring())?.keys ?? []), now: new Date(clock.now()), known };
}

// Nothing on a chip makes a cylinder better; a torn write alone doesn't make it worse.
function reasonsOf({ verdict, flaws, base, standing }) {
  const grave = flaws.filter((flaw) => flaw.fault !== "empty" && flaw.fault !== "cut_short");
  const today = clock.today();
  return [
    ...(verdict === "refused" && grave.length ? [grave.some(({ fault }) => fault === "rolled_back" || fault === "forked" || fault === "counter_back") ? "tag_rolled_back" : "tag_bad_signature"] : []),
    ...(base?.status > 1 ? [OF_STATUS[base.status] ?? "condemned"] : []),
    ...(base?.scrap_on && base.scrap_on < today ? ["beyond_service_life"] : []),
    ...(base?.due_on && base.due_on < today ? ["inspection_overdue"] : []),
    ...(standing ? ["tag_finding"] : []),
  ];
}

// The highest numbers seen on a chip: an older content that is written back is noticed.
async function remember(uid, seen) {
  const kept = (await store.get("tags", uid)) ?? { uid };
  await store.put("tags", { ...kept, seen });
}

// A chip that another device left empty gets what the server signed last; null when it can't be asked or never signed this chip.
async function restored(uid) {
  try {
    const { status, body } = await api.call(`/tags/${uid}/image`, { patience: 1500 });
    if (status !== 200) return null;
    return { writing: (await put(uid, new Uint8Array(), keys.bytes(body.image))) ? "wrote" : "torn", reasons: [] };
  } catch (problem) {
    if (problem instanceof api.Offline) return null;
    throw problem;
  }
}

// What the server signs for this chip on a label's cylinder: {wrote}, or {problem} in the server's words.
export async function issueTag(tap, label, profile, language) {
  const { status, body } = await api.call("/tags/sign", { method: "POST", body: { uid: tap.uid, label, profile }, language });
  if (status !== 200) return { problem: body?.title ?? String(status) };
  return { wrote: await put(tap.uid, tap.tag?.message ?? new Uint8Array(), keys.bytes(body.image)) };
}

// Whether a chip that was just read has room for a fill, and content that is believed.
export const takesFills = (tag) => Boolean(tag?.image && tag.base && tag.verdict !== "refused" && fillSlots(tag.image.slots.length));

const grams = (kg) => (Number(kg) > 0 && Number(kg) < 655 ? Math.round(Number(kg) * 1000) : 0);

// The number in a name such as G2 or F01, as a chip has room for it; 0 is none.
export function numberIn(text) {
  const number = Number(/(\d+)\D*$/.exec(text ?? "")?.[1] ?? 0);
  return number <= 0xffff ? number : 0;
}

// Puts the fill that was just recorded onto its chip: with the mass where it is known, the filling gun and the staff code by number.
export async function writeFill(tap, tag, { net_kg = 0, gun = "", operator = "" } = {}) {
  const key = await keys.mine();
  const sign = async (message) => keys.bytes(await keys.sign(key, message));
  const image = await addFill(tag, unhex(tap.uid), { kid: identity().kid, filled_at: new Date(clock.now()), net_g: grams(net_kg), station: numberIn(gun), operator: numberIn(operator) }, sign);
  return put(tap.uid, tag.message, encode(image));
}

async function put(uid, old, next) {
  await begin(uid, old, next);
  return attempt(uid);
}

const openIntent = async (uid) => (await store.get("tags", uid))?.intent ?? null;

// Puts a finding into the ring of a chip that was just read: the intent is on the disk before the first byte is written.
export async function writeFinding(tap, tag, { hazard, disposition }) {
  const key = await keys.mine();
  const sign = async (message) => keys.bytes(await keys.sign(key, message));
  const finding = { kid: identity().kid, found_at: new Date(clock.now()), hazard, disposition };
  const image = await addFinding(tag, unhex(tap.uid), finding, sign, (await store.get("tags", tap.uid))?.synced ?? 0);
  return put(tap.uid, tag.message, encode(image));
}

async function begin(uid, old, next) {
  const kept = (await store.get("tags", uid)) ?? { uid };
  await store.put("tags", { ...kept, intent: { uid, old, new: next } });
}

// Writes what is intended; false when the chip was away too early. Only reading it back settles the intent.
export async function attempt(uid) {
  const intent = await openIntent(uid);
  if (!intent) return true;
  try {
    await nfc.write(toRecords(intent.new).records);
    return true;
  } catch {
    return false;
  }
}

// A tap of a chip that was being written: settled, or written once more.
async function ofIntent(intent, message) {
  const whole = message ? (await read(message, unhex(intent.uid), await about())).verdict === "holds" : false;
  const { outcome, target, settled } = recover(intent, message, whole);
  if (settled) {
    const { intent: _, ...kept } = await store.get("tags", intent.uid);
    await store.put("tags", kept);
    const found = await read(message, unhex(intent.uid), await about());
    if (found.seen) await remember(intent.uid, found.seen);
    return { writing: outcome, ...found, message };
  }
  const wrote = target ? await attempt(intent.uid) : false;
  return { writing: wrote ? "wrote" : "torn" };
}
