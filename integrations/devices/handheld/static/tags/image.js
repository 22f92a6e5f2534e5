// A tag's image: one NDEF message of the public address, the signed sections, and at most one private block.
// Web NFC hands over records, not bytes: `fromRecords` and `toRecords` translate.

import { ascii, isBlank, join, same, sha256, viewOf } from "./bytes.js";
import { BASE, BASE_SIZE, FILL, FINDING, KIND, SIGNATURE, SLOT } from "./sections.js";

const WELL_KNOWN = 1;
const EXTERNAL = 4;
const UNKNOWN = 5;
const BEGIN = 0x80;
const END = 0x40;
const CHUNKED_OR_ID = 0x28;
const SHORT = 0x10;
const SCHEMES = { 3: "http://", 4: "https://" };
const ADDRESS = /^https?:\/\/[!-.0->@-~]{1,64}\/[LQ]\?id=[0-9]{17}$/;
const MOST_SLOTS = 32;
export const TYPE = "teshe.org.cn:q";

export class CutShort extends Error {}
export class Malformed extends Error {}

export const fillSlots = (slots) => (slots === 0 ? 0 : slots < 4 ? 1 : 2);
export const fillsOf = (image) => image.slots.slice(0, fillSlots(image.slots.length));
export const findingsOf = (image) => image.slots.slice(fillSlots(image.slots.length));
export const digestOf = async (image) => (await sha256(image.base.slice(0, BASE))).slice(0, 8);
export const codeIn = (url) => url.slice(-17);

export function withSlot(image, at, slot) {
  return { ...image, slots: image.slots.map((old, place) => (place === at ? slot : old)) };
}

export function encode(image) {
  if (image.base.length !== BASE_SIZE || image.slots.some((slot) => slot.length !== SLOT)) {
    throw new RangeError("a part has the wrong size");
  }
  if (image.slots.length > MOST_SLOTS || !ADDRESS.test(image.url)) {
    throw new RangeError("too many slots, or not a cylinder's address");
  }
  const records = [
    { tnf: WELL_KNOWN, type: ascii("U"), payload: addressPayload(image.url) },
    {
      tnf: image.slots.length ? EXTERNAL : UNKNOWN,
      type: image.slots.length ? ascii(TYPE) : new Uint8Array(0),
      payload: join(image.base, ...image.slots),
    },
  ];
  if (image.private) records.push({ tnf: UNKNOWN, type: new Uint8Array(0), payload: image.private });
  return build(records);
}

// What lies on a tag, not yet judged; throws CutShort or Malformed, and nothing else.
export function decode(message) {
  const records = parse(message);
  const url = addressIn(records[0]);
  if (url === null || !ADDRESS.test(url)) throw new Malformed("the first record is not a cylinder's address");
  if (records.length === 1) throw new CutShort();
  const { payload } = records[1];
  const slots = (payload.length - BASE_SIZE) / SLOT;
  if (records.length > 3 || !Number.isInteger(slots) || slots < 0 || slots > MOST_SLOTS) {
    throw new Malformed("not the records of a tag");
  }
  const image = {
    url,
    base: payload.slice(0, BASE_SIZE),
    slots: Array.from({ length: slots }, (_, at) => payload.slice(BASE_SIZE + at * SLOT, BASE_SIZE + (at + 1) * SLOT)),
    private: records.length === 3 ? records[2].payload : null,
  };
  if (!same(encode(image), message)) throw new Malformed("the records are spelled in another way");
  return image;
}

export const baseMessage = (uid, url, slots, section) =>
  join(head(section[0], uid), Uint8Array.of(slots, url.length), ascii(url), section);

export const partMessage = (uid, digest, section) => join(head(section[0], uid), digest, section);

export const head = (kind, uid) => join(ascii("QP1"), Uint8Array.of(kind, Math.min(uid.length, 255)), uid);

export function splitFill(slot) {
  if (slot[0] !== KIND.fill || slot[SLOT - 1] !== 0) return null;
  return { section: slot.slice(0, FILL), signature: slot.slice(FILL, FILL + SIGNATURE) };
}

export function splitFinding(slot) {
  if (slot[0] !== KIND.finding) return null;
  return { section: slot.slice(0, FINDING), signature: slot.slice(FINDING) };
}

// The message that Web NFC read (an NDEFMessage), as bytes; null when a record is of a kind that no tag of ours has.
export function fromRecords(message) {
  const records = [];
  for (const record of message.records) {
    const data = record.data ? new Uint8Array(record.data.buffer, record.data.byteOffset, record.data.byteLength) : new Uint8Array(0);
    if (record.recordType === "url") {
      const url = new TextDecoder().decode(data);
      if (!ADDRESS.test(url)) return null;
      records.push({ tnf: WELL_KNOWN, type: ascii("U"), payload: addressPayload(url) });
    } else if (record.recordType === TYPE) {
      records.push({ tnf: EXTERNAL, type: ascii(TYPE), payload: data });
    } else if (record.recordType === "unknown") {
      records.push({ tnf: UNKNOWN, type: new Uint8Array(0), payload: data });
    } else if (record.recordType !== "empty") {
      return null;
    }
  }
  return records.length ? build(records) : new Uint8Array(0);
}

// What NDEFReader.write() takes to write this message.
export function toRecords(message) {
  const image = decode(message);
  const records = [
    { recordType: "url", data: image.url },
    { recordType: image.slots.length ? TYPE : "unknown", data: join(image.base, ...image.slots) },
  ];
  if (image.private) records.push({ recordType: "unknown", data: image.private });
  return { records };
}

export const isEmpty = (message) => isBlank(message);

function build(records) {
  const last = records.length - 1;
  return join(
    ...records.map(({ tnf, type, payload }, at) => {
      const short = payload.length < 256;
      const flags = tnf | (at === 0 ? BEGIN : 0) | (at === last ? END : 0) | (short ? SHORT : 0);
      const length = new Uint8Array(short ? 1 : 4);
      if (short) length[0] = payload.length;
      else viewOf(length).setUint32(0, payload.length);
      return join(Uint8Array.of(flags, type.length), length, type, payload);
    }),
  );
}

function parse(message) {
  const records = [];
  let at = 0;
  let ended = false;
  while (at < message.length && !ended) {
    const flags = message[at];
    if (flags & CHUNKED_OR_ID || Boolean(flags & BEGIN) !== (at === 0)) throw new Malformed("not a plain record");
    const start = at + 2 + (flags & SHORT ? 1 : 4);
    if (start > message.length) throw new CutShort();
    const names = start + message[at + 1];
    at = names + (flags & SHORT ? message[at + 2] : viewOf(message).getUint32(at + 2));
    if (at > message.length) throw new CutShort();
    records.push({ tnf: flags & 7, type: message.slice(start, names), payload: message.slice(names, at) });
    ended = Boolean(flags & END);
  }
  if (!ended) throw new CutShort();
  if (at < message.length) throw new Malformed("something follows the last record");
  return records;
}

function addressPayload(url) {
  const [number, scheme] = Object.entries(SCHEMES).find(([, text]) => url.startsWith(text));
  return join(Uint8Array.of(Number(number)), ascii(url.slice(scheme.length)));
}

function addressIn({ tnf, type, payload }) {
  const isAddress = tnf === WELL_KNOWN && same(type, ascii("U")) && payload[0] in SCHEMES;
  if (!isAddress || payload.some((byte) => byte > 127)) return null;
  return SCHEMES[payload[0]] + String.fromCharCode(...payload.slice(1));
}
