// The public keys that this device believes, as docs/device-keys.md says: a list signed by a key of the list before it.
import * as api from "./api.js";
import { identity } from "./identity.js";
import * as keys from "./keys.js";
import * as store from "./store.js";

const WORD = "QPRING1\n";
let current = null;

export const ring = async () => (current ??= (await store.get("self", "ring")) ?? null);

export async function refresh() {
  const { status, body } = await api.call("/keyring");
  if (status === 200) await take(body).catch((problem) => console.warn(problem));
}

// Check and keep a newer one; throws when it isn't signed by a key that is believed already.
export async function take({ kid, payload, signature }) {
  const bytes = keys.bytes(payload);
  const word = keys.utf8(WORD);
  const signed = new Uint8Array([...word, ...bytes]);
  const believed = (await ring()) ? await keyOf(kid, "ring", Date.now()) : first(kid);
  if (!believed || !(await keys.verify(believed, keys.bytes(signature), signed))) throw new Error("key ring: signature");
  const found = JSON.parse(new TextDecoder().decode(bytes));
  if (found.format !== 1) throw new Error("key ring: another format");
  if (current && Date.parse(found.issued_at) <= Date.parse(current.issued_at)) return;
  current = found;
  await store.put("self", found, "ring");
}

function first(kid) {
  const told = identity()?.ring_key;
  return told?.kid === kid ? keys.bytes(told.public_key) : null;
}

// The 32 bytes of a key for a purpose, good at that moment and never revoked; owner tells apart the small numbers of enterprises.
export async function keyOf(kid, purpose, at, owner = null) {
  const found = (await ring())?.keys.find((key) => key.kid === kid && key.purpose === purpose && (owner === null || key.owner === owner));
  if (!found || found.revoked_at) return null;
  if (Date.parse(found.not_before) > at || (found.not_after && Date.parse(found.not_after) < at)) return null;
  return keys.bytes(found.public_key);
}
