// What goes onto a tag next, each as a whole new image; and what to do with a tag whose write may have been torn.
// `sign` takes a message and gives its 64 bytes, as a promise or not (ed25519.js: signerOf).

import { join, same } from "./bytes.js";
import { link } from "./chain.js";
import { baseMessage, digestOf, fillSlots, findingsOf, partMessage, withSlot } from "./image.js";
import { LARGEST_SEQ, NOTED, packBase, packFill, packFinding, SLOT } from "./sections.js";

// The tag stays as it is; `reason` says why: not_believed, no_room, not_synced, still_standing, numbers_used_up.
export class CannotWrite extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export async function issue(base, url, uid, slots, sign) {
  const section = await packBase(base, uid);
  const signature = await sign(baseMessage(uid, url, slots, section));
  return { url, base: join(section, signature), slots: Array.from({ length: slots }, () => new Uint8Array(SLOT)), private: null };
}

// The image with the next fill, in the slot of the older one. `fill`: { kid, filled_at, net_g, station, operator }
export async function addFill(reading, uid, fill, sign) {
  const image = believed(reading);
  const size = fillSlots(image.slots.length);
  if (!size) throw new CannotWrite("no_room");
  const seq = next(reading.seen.fill_seq);
  const section = packFill({ ...fill, seq });
  const signature = await sign(partMessage(uid, await digestOf(image), section));
  return withSlot(image, seq % size, join(section, signature, new Uint8Array(1)));
}

// The image with the next finding: { kid, found_at, hazard, disposition }. `synced` is the number up to which the server has confirmed
// to have the findings; what only the tag has is never overwritten, nor the finding that still stands against the cylinder.
export async function addFinding(reading, uid, finding, sign, synced = 0) {
  const image = believed(reading);
  const ring = findingsOf(image);
  const seq = next(reading.seen.finding_seq);
  if (!ring.length) throw new CannotWrite("no_room");
  const last = reading.findings.find((each) => each.finding.seq === seq - 1);
  const previous = await link(last ? ring[last.slot] : null, image);
  const section = packFinding({ ...finding, seq, previous });
  checkOverwritten(reading, seq - ring.length, finding.disposition, synced);
  const slot = join(section, await sign(partMessage(uid, await digestOf(image), section)));
  return withSlot(image, fillSlots(image.slots.length) + (seq % ring.length), slot);
}

// What to do with a tag whose intent { uid, profile, old, new } (bytes) is open; `found` is the message that was read, null when none
// could be. `isWhole` says that it holds by itself: then somebody else has written since, and his content stays.
export function recover(intent, found, isWhole = false) {
  if (found && same(found, intent.new)) return { outcome: "written", target: null, settled: true };
  if (found && same(found, intent.old)) return { outcome: "untouched", target: intent.new, settled: false };
  if (isWhole) return { outcome: "changed", target: null, settled: true };
  return { outcome: "torn", target: intent.new, settled: false };
}

function checkOverwritten(reading, seq, disposition, synced) {
  if (seq < 1 || reading.findings.every(({ finding }) => finding.seq !== seq)) return;
  if (seq > synced) throw new CannotWrite("not_synced");
  if (reading.standing?.seq === seq && disposition <= NOTED) throw new CannotWrite("still_standing");
}

function believed(reading) {
  if (!reading.image || !reading.base || reading.verdict === "refused") throw new CannotWrite("not_believed");
  return reading.image;
}

function next(seq) {
  if (seq >= LARGEST_SEQ) throw new CannotWrite("numbers_used_up");
  return seq + 1;
}
