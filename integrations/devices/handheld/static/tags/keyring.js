// Which public key may sign what. The ring's own signature is checked before it comes here.

import { unbase64 } from "./bytes.js";
import { verify } from "./ed25519.js";

const MAY = {
  base: (key) => key.purpose === "tag",
  fill: (key) => key.purpose === "device",
  finding: (key) => key.purpose === "inspector" || (key.purpose === "device" && key.role === "inspector"),
};

// Entries of `GET /keyring`; one that can't be read is left out, because a key that nobody knows is believed for nothing.
export function keyringOf(entries) {
  const byKid = new Map();
  for (const entry of entries) {
    const key = readKey(entry);
    if (key) byKid.set(key.kid, [...(byKid.get(key.kid) ?? []), key]);
  }
  return byKid;
}

// Null when a key that may sign this made the signature at that time, else what is wrong.
export async function judge(ring, what, kid, signature, message, at, now) {
  const known = (ring.get(kid) ?? []).filter(MAY[what]);
  if (!known.length) return ring.has(kid) ? "key_not_for_this" : "key_unknown";
  const made = [];
  for (const key of known) if (await verify(key.publicKey, signature, message)) made.push(key);
  if (!made.length) return "altered";
  if (made.some((key) => key.revokedAt !== null)) return "key_revoked";
  return made.some((key) => isGood(key, Date.parse(at), now.getTime())) ? null : "key_expired";
}

function isGood(key, at, now) {
  const started = key.notBefore === null || at >= Math.floor(key.notBefore / 60000) * 60000;
  return started && (key.notAfter === null || key.notAfter > now);
}

function readKey(entry) {
  try {
    const publicKey = unbase64(entry.public_key);
    if (publicKey.length !== 32 || (entry.alg ?? "Ed25519") !== "Ed25519" || !Number.isInteger(entry.kid)) return null;
    return {
      kid: entry.kid,
      owner: entry.owner ?? "",
      purpose: entry.purpose ?? "",
      role: entry.role ?? "",
      publicKey,
      notBefore: moment(entry.not_before),
      notAfter: moment(entry.not_after),
      revokedAt: moment(entry.revoked_at),
    };
  } catch {
    return null;
  }
}

function moment(text) {
  if (text === null || text === undefined) return null;
  const at = Date.parse(text);
  if (Number.isNaN(at) || !/(Z|[+-]\d\d:?\d\d)$/.test(text)) throw new RangeError("a time without its zone");
  return at;
}
