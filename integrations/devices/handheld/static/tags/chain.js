// The ring of findings: number s lies in slot s mod n, and each begins with a hash of the one before it. Of n slots the newest n-1 are
// sure to be there; the slot of the finding to come is the only one that a write may be tearing.

import { isBlank, same, sha256 } from "./bytes.js";
import { flaw, NOT_VERIFIED } from "./flaws.js";
import { findingsOf, splitFinding } from "./image.js";
import { BASE, LIFTED, NOTED, unpackFinding } from "./sections.js";

// What the finding after this slot begins with; for the first (null), after the base.
export async function link(previousSlot, image) {
  return (await sha256(previousSlot ?? image.base.slice(0, BASE))).slice(0, 4);
}

// Findings that are what some key signed, oldest first, and what is wrong with the ring.
export async function readFindings(image, judgeFinding) {
  const slots = findingsOf(image);
  const read = [];
  const damaged = [];
  for (const [at, slot] of slots.entries()) {
    if (isBlank(slot)) continue;
    const parts = splitFinding(slot);
    const finding = parts && unpackFinding(parts.section);
    const fault = parts ? await judgeFinding(parts.section, parts.signature, finding) : "altered";
    if (fault === "altered") damaged.push(at);
    else read.push({ finding, slot: at, fault });
  }
  const firm = [];
  for (const one of read) {
    if (NOT_VERIFIED.includes(one.fault) && !(await fits(image, slots, one, read))) damaged.push(one.slot);
    else firm.push(one);
  }
  firm.sort((one, other) => one.finding.seq - other.finding.seq);
  damaged.sort((one, other) => one - other);
  const ofKeys = firm.filter((one) => one.fault).map((one) => flaw("findings", one.fault, one.finding.seq));
  return { findings: firm, flaws: [...ofKeys, ...(await ofOrder(image, slots, firm, damaged))] };
}

// Whether its neighbours know a finding that no key vouches for; else it is rubble that looks like one.
async function fits(image, slots, one, read) {
  const { seq } = one.finding;
  const before = read.find((each) => each.finding.seq === seq - 1);
  const after = read.find((each) => each.finding.seq === seq + 1);
  const links = [];
  if (before || seq === 1) links.push(same(one.finding.previous, await link(before ? slots[before.slot] : null, image)));
  if (after) links.push(same(after.finding.previous, await link(slots[one.slot], image)));
  return links.length > 0 && links.every(Boolean);
}

async function ofOrder(image, slots, read, damaged) {
  const size = slots.length;
  if (!size) return [];
  const newest = read.length ? read[read.length - 1].finding.seq : 0;
  const flaws = damaged.map((at) => flaw("findings", at === (newest + 1) % size ? "torn" : "altered", at));
  const strays = read.filter(({ finding, slot }) => finding.seq % size !== slot || !finding.seq);
  if (strays.length || new Set(read.map(({ finding }) => finding.seq)).size < read.length) {
    const out = strays.length ? strays : read;
    return [...flaws, ...out.map(({ finding }) => flaw("findings", "chain_reordered", finding.seq))];
  }
  return [...flaws, ...(await ofLinks(image, slots, read, newest, damaged))];
}

async function ofLinks(image, slots, read, newest, damaged) {
  const size = slots.length;
  const bySeq = new Map(read.map((each) => [each.finding.seq, each]));
  const oldest = newest - size + 1;
  const flaws = [];
  for (let seq = Math.max(1, oldest); seq <= newest; seq += 1) {
    const one = bySeq.get(seq);
    if (!one) {
      const spare = seq === oldest && size > 1 && damaged.includes(seq % size);
      if (!spare) flaws.push(flaw("findings", "chain_dropped", seq));
      continue;
    }
    const before = bySeq.get(seq - 1);
    if (!before && seq > 1) continue;
    const expected = await link(before ? slots[before.slot] : null, image);
    if (!same(one.finding.previous, expected)) flaws.push(flaw("findings", "chain_spliced", seq));
  }
  const lowest = Math.min(...bySeq.keys());
  if (read.length && lowest < oldest) flaws.push(flaw("findings", "chain_reordered", lowest));
  return flaws;
}

// The newest non-conforming finding that no later one has lifted, or null.
export function standing(findings) {
  let bad = null;
  for (const { finding, fault } of findings) {
    if (finding.disposition === LIFTED && fault === null) bad = null;
    else if (finding.disposition !== NOTED && finding.disposition !== LIFTED) bad = finding;
  }
  return bad;
}
