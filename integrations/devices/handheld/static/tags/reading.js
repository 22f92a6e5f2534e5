// What a tag says, and whether each part holds. `read` never throws, whatever the bytes are.

import { hex, isBlank, join } from "./bytes.js";
import { readFindings, standing } from "./chain.js";
import { flaw, verdictOf } from "./flaws.js";
import { baseMessage, codeIn, CutShort, decode, digestOf, fillsOf, head, partMessage, splitFill } from "./image.js";
import { judge } from "./keyring.js";
import { BASE, KIND, mark, marked, unpackBase, unpackFill, VERSION } from "./sections.js";

const NONCE = 12;
const SEALED_HEAD = 3;
const SEALED_LEAST = 31;

// `about`: { ring (keyringOf), now (Date), known?, counter?, secrets? (Map from number to 16 bytes) }
export async function read(message, uid, about) {
  if (isBlank(message)) return reading([flaw("message", "empty")]);
  let image;
  try {
    image = decode(message);
  } catch (error) {
    return reading([flaw("message", error instanceof CutShort ? "cut_short" : "malformed")]);
  }
  const digest = await digestOf(image);
  const { base, flaws } = await readBase(image, uid, about);
  if (!base) return reading(flaws, { url: image.url, image });
  const { fill, seq, flaws: ofFill } = await readFill(image, uid, digest, about);
  const { findings, flaws: ofFindings } = await readFindings(image, (section, signature, finding) =>
    judge(about.ring, "finding", finding.kid, signature, partMessage(uid, digest, section), finding.found_at, about.now),
  );
  const { secret, flaws: ofSecret } = await unseal(image, uid, digest, about);
  const seen = {
    base_seq: base.seq,
    fill_seq: seq,
    finding_seq: findings.length ? findings[findings.length - 1].finding.seq : 0,
    digest: hex(digest),
    counter: about.counter ?? null,
  };
  const all = [...flaws, ...older(seen, about.known), ...ofFill, ...ofFindings, ...ofSecret];
  return reading(all, { url: image.url, base, fill, findings, secret, image, seen });
}

function reading(flaws, parts = {}) {
  const empty = { url: null, base: null, fill: null, findings: [], secret: null, image: null, seen: null };
  const whole = { ...empty, ...parts };
  return { verdict: verdictOf(flaws), flaws, ...whole, standing: standing(whole.findings) };
}

// The same as JSON values, as the API tells it.
export function told(found) {
  return {
    verdict: found.verdict,
    flaws: found.flaws,
    url: found.url,
    base: found.base,
    fill: found.fill,
    findings: found.findings.map(({ finding: { previous, ...said }, fault }) => ({ ...said, fault })),
    secret: found.secret && hex(found.secret),
    seen: found.seen,
  };
}

async function readBase(image, uid, about) {
  const section = image.base.slice(0, BASE);
  const refused = (fault, part = "base") => ({ base: null, flaws: [flaw(part, fault)] });
  if (section[0] >> 4 !== VERSION || section[0] & 15) return refused("unknown_version");
  const base = unpackBase(section);
  if (!base) return refused("altered");
  const message = baseMessage(uid, image.url, image.slots.length, section);
  let fault = await judge(about.ring, "base", base.kid, image.base.slice(BASE), message, base.issued_at, about.now);
  if (fault === "altered" && marked(section) !== (await mark(uid))) fault = "foreign_chip";
  if (fault === "altered" && codeIn(image.url) !== base.code) fault = "code_mismatch";
  if (fault) return refused(fault);
  return codeIn(image.url) === base.code ? { base, flaws: [] } : refused("code_mismatch", "url");
}

async function readFill(image, uid, digest, about) {
  const slots = fillsOf(image);
  const good = [];
  const faults = [];
  let seq = 0;
  for (const [at, slot] of slots.entries()) {
    if (isBlank(slot)) continue;
    const parts = splitFill(slot);
    const fill = parts && unpackFill(parts.section);
    let fault = "altered";
    if (fill) {
      const message = partMessage(uid, digest, parts.section);
      fault = await judge(about.ring, "fill", fill.kid, parts.signature, message, fill.filled_at, about.now);
      fault ??= fill.seq && fill.seq % slots.length === at ? null : "chain_reordered";
    }
    if (fault) faults.push([at, fault]);
    else good.push(fill);
    if (fill && fault !== "altered") seq = Math.max(seq, fill.seq);
  }
  good.sort((one, other) => one.seq - other.seq);
  return { fill: good[good.length - 1] ?? null, seq, flaws: ofFills(slots.length, good, faults) };
}

function ofFills(size, good, faults) {
  const newest = good.length ? good[good.length - 1].seq : 0;
  const due = (newest + 1) % size;
  const flaws = faults.map(([at, fault]) => flaw("fill", fault === "altered" && at === due ? "torn" : fault, at));
  const gap = good.length === 2 && good[1].seq - good[0].seq !== 1;
  const lone = good.length === 1 && good[0].seq > 1 && size === 2;
  if ((gap || lone) && !flaws.length) flaws.push(flaw("fill", "chain_dropped", newest - 1));
  return flaws;
}

async function unseal(image, uid, digest, about) {
  const block = image.private;
  if (!block) return { secret: null, flaws: [] };
  const failed = (fault) => ({ secret: null, flaws: [flaw("private", fault)] });
  if (block.length < SEALED_LEAST || block[0] !== KIND.private) return failed("malformed");
  const secret = about.secrets?.get((block[1] << 8) | block[2]);
  if (!secret) return failed("not_checked");
  try {
    const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["decrypt"]);
    const bound = join(head(block[0], uid), digest, block.slice(1, SEALED_HEAD));
    const how = { name: "AES-GCM", iv: block.slice(SEALED_HEAD, SEALED_HEAD + NONCE), additionalData: bound };
    return { secret: new Uint8Array(await crypto.subtle.decrypt(how, key, block.slice(SEALED_HEAD + NONCE))), flaws: [] };
  } catch {
    return failed("altered");
  }
}

// Whether this reader has seen a newer content of this chip.
function older(seen, known) {
  if (!known) return [];
  const flaws = [];
  const counted = Number.isInteger(known.counter) && seen.counter !== null;
  if (counted && seen.counter < known.counter) flaws.push(flaw("counter", "counter_back", seen.counter));
  if (seen.base_seq < known.base_seq) return [...flaws, flaw("base", "rolled_back", seen.base_seq)];
  if (seen.base_seq > known.base_seq) return flaws;
  if (known.digest && known.digest !== seen.digest) return [...flaws, flaw("base", "forked", seen.base_seq)];
  if (seen.fill_seq < known.fill_seq) flaws.push(flaw("fill", "rolled_back", seen.fill_seq));
  if (seen.finding_seq < known.finding_seq) flaws.push(flaw("findings", "rolled_back", seen.finding_seq));
  return flaws;
}
