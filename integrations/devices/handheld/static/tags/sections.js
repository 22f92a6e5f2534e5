// The fields of a tag: base, last fill and finding. Big-endian; times are whole minutes, masses 10 g. See docs/tag-layout-qp1.md.

import { join, sha256, viewOf } from "./bytes.js";

export const VERSION = 1;
export const KIND = { base: 0x10, fill: 0x20, finding: 0x30, private: 0x40 };
export const SIGNATURE = 64;
export const BASE = 24;
export const FILL = 15;
export const FINDING = 16;
export const BASE_SIZE = BASE + SIGNATURE;
export const SLOT = FINDING + SIGNATURE;
export const NOTED = 1;
export const LIFTED = 4;
export const LARGEST_SEQ = 0xffff;

const CODE_BITS = 57n;
const DAYS = Date.UTC(2000, 0, 1);
const MINUTES = Date.UTC(2020, 0, 1);
const DAY = 86400000;
const MINUTE = 60000;
const LAST_MINUTE = (Date.UTC(9999, 11, 31, 23, 59) - MINUTES) / MINUTE;

export const day = (count) => (count ? new Date(DAYS + count * DAY).toISOString().slice(0, 10) : null);
export const minute = (count) =>
  new Date(MINUTES + Math.min(count, LAST_MINUTE) * MINUTE).toISOString().replace(".000Z", "Z");
export const days = (date) => (date ? Math.round((Date.parse(`${date}T00:00:00Z`) - DAYS) / DAY) : 0);
export const minutes = (moment) => Math.floor((new Date(moment).getTime() - MINUTES) / MINUTE);
export const tens = (grams) => Math.floor(((grams ?? 0) + 5) / 10);

// Seven bits of the chip's number, so that a reader can tell a copy on another chip from damage.
export const mark = async (uid) => (await sha256(uid))[0] >> 1;
export const marked = (section) => Number(viewOf(section).getBigUint64(3) >> CODE_BITS);

export function unpackBase(section) {
  const view = viewOf(section);
  const number = view.getBigUint64(3) & ((1n << CODE_BITS) - 1n);
  if (number >= 10n ** 17n) return null;
  return {
    kid: view.getUint16(1),
    code: String(number).padStart(17, "0"),
    due_on: day(view.getUint16(11)),
    scrap_on: day(view.getUint16(13)),
    status: view.getUint8(15),
    seq: view.getUint16(16),
    issued_at: minute(view.getUint32(18)),
    max_fill_g: view.getUint16(22) * 10 || null,
  };
}

export async function packBase(base, uid) {
  if (!/^[0-9]{17}$/.test(base.code)) throw new RangeError("a code has 17 digits");
  const section = new Uint8Array(BASE);
  const view = viewOf(section);
  view.setUint8(0, KIND.base);
  view.setUint16(1, fits(base.kid));
  view.setBigUint64(3, BigInt(base.code) | (BigInt(await mark(uid)) << CODE_BITS));
  view.setUint16(11, fits(days(base.due_on)));
  view.setUint16(13, fits(days(base.scrap_on)));
  view.setUint8(15, fits(base.status, 0xff));
  view.setUint16(16, fits(base.seq));
  view.setUint32(18, fits(minutes(base.issued_at), 0xffffffff));
  view.setUint16(22, fits(tens(base.max_fill_g)));
  return section;
}

export function unpackFill(section) {
  const view = viewOf(section);
  return {
    kid: view.getUint16(1),
    seq: view.getUint16(3),
    filled_at: minute(view.getUint32(5)),
    net_g: view.getUint16(9) * 10,
    station: view.getUint16(11),
    operator: view.getUint16(13),
  };
}

export function packFill(fill) {
  const section = new Uint8Array(FILL);
  const view = viewOf(section);
  view.setUint8(0, KIND.fill);
  view.setUint16(1, fits(fill.kid));
  view.setUint16(3, fits(fill.seq));
  view.setUint32(5, fits(minutes(fill.filled_at), 0xffffffff));
  view.setUint16(9, fits(tens(fill.net_g)));
  view.setUint16(11, fits(fill.station));
  view.setUint16(13, fits(fill.operator));
  return section;
}

export function unpackFinding(section) {
  const view = viewOf(section);
  return {
    kid: view.getUint16(1),
    seq: view.getUint16(3),
    found_at: minute(view.getUint32(5)),
    hazard: view.getUint16(9),
    disposition: view.getUint8(11),
    previous: section.slice(12, 16),
  };
}

export function packFinding(finding) {
  const head = new Uint8Array(FINDING - 4);
  const view = viewOf(head);
  view.setUint8(0, KIND.finding);
  view.setUint16(1, fits(finding.kid));
  view.setUint16(3, fits(finding.seq));
  view.setUint32(5, fits(minutes(finding.found_at), 0xffffffff));
  view.setUint16(9, fits(finding.hazard));
  view.setUint8(11, fits(finding.disposition, 0xff));
  return join(head, finding.previous);
}

function fits(value, most = 0xffff) {
  if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError("a field doesn't fit");
  return value;
}
