// Runs the handheld's tag codec over the shared vectors: node script.mjs vectors.json → what it made of each case, as JSON.

import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";

globalThis.crypto ??= webcrypto;
const { base64, hex, unbase64, unhex } = await import("./modules/bytes.js");
const ed25519 = await import("./modules/ed25519.js");
const { decode, encode, fromRecords, toRecords } = await import("./modules/image.js");
const { keyringOf } = await import("./modules/keyring.js");
const { read, told } = await import("./modules/reading.js");
const { addFill, addFinding, CannotWrite, issue, recover } = await import("./modules/writing.js");

const vectors = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ring = keyringOf(vectors.keyring);
const now = new Date(vectors.now);
const secrets = new Map(Object.entries(vectors.secrets).map(([kid, key]) => [Number(kid), unhex(key)]));
const HEAD = "302e020100300506032b657004220420"; // PKCS #8 around a seed

async function signer(kid) {
  const seed = unhex(HEAD + vectors.private_seeds[kid]);
  return ed25519.signerOf(await crypto.subtle.importKey("pkcs8", seed, { name: "Ed25519" }, false, ["sign"]));
}

const look = (message, uid, known = null, counter = null) => read(message, uid, { ring, now, known, counter, secrets });

async function write(one) {
  const uid = unhex(one.uid);
  if (one.do === "issue") {
    return { to: hex(encode(await issue(one.base, one.url, uid, one.slots, await signer(one.base.kid)))) };
  }
  try {
    const reading = await look(unhex(one.from), uid);
    const sign = await signer(one.kid ?? 5);
    const image =
      one.do === "fill"
        ? await addFill(reading, uid, { ...one, filled_at: one.at }, sign)
        : await addFinding(reading, uid, { ...one, found_at: one.at }, sign, one.synced);
    return { to: hex(encode(image)) };
  } catch (error) {
    if (error instanceof CannotWrite) return { refused: error.reason };
    throw error;
  }
}

function asWebNfcGivesIt({ records }) {
  const data = (given) => (typeof given === "string" ? new TextEncoder().encode(given) : given);
  return {
    records: records.map((record) => {
      const bytes = data(record.data);
      return { recordType: record.recordType, data: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
    }),
  };
}

function throughWebNfc(message) {
  try {
    decode(message);
  } catch {
    return null; // a phone would not have written that
  }
  return hex(fromRecords(asWebNfcGivesIt(toRecords(message))));
}

function recovered(one) {
  const { intent } = one;
  const kept = { uid: intent.uid, profile: intent.profile, old: unbase64(intent.old), new: unbase64(intent.new) };
  if (base64(kept.new) !== intent.new) throw new Error("base64");
  const got = recover(kept, one.found === null ? null : unhex(one.found), one.is_whole);
  return { ...got, target: got.target && hex(got.target) };
}

// A flipped bit of the largest tag, every seventh: the same verdict everywhere is the other language's test.
async function flips(message, uid) {
  const quiet = [];
  for (let bit = 0; bit < message.length * 8; bit += 7) {
    const changed = message.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    if ((await look(changed, uid)).verdict === "holds") quiet.push(bit);
  }
  return quiet;
}

async function rubble(count) {
  for (let at = 0; at < count; at += 1) {
    const bytes = crypto.getRandomValues(new Uint8Array(at));
    if ((await look(bytes, bytes.slice(0, 8))).verdict === "holds") return false;
  }
  return true;
}

const largest = vectors.read.find((one) => one.name === "ntag216: full");
const made = { read: [], write: [], nfc: [], recover: vectors.recover.map(recovered) };
for (const one of vectors.read) {
  const message = unhex(one.message);
  made.read.push(told(await look(message, unhex(one.uid), one.known, one.counter)));
  made.nfc.push(throughWebNfc(message));
}
for (const one of vectors.write) made.write.push(await write(one));
made.flips = await flips(unhex(largest.message), unhex(largest.uid));
made.rubble = await rubble(400);
crypto.subtle.generateKey = () => Promise.reject(new Error("an old browser"));
const old = await import("./modules/ed25519.js?old");
made.native = [await ed25519.isNative(), await old.isNative()];
made.library = await withLibraryOnly();
console.log(JSON.stringify(made));

async function withLibraryOnly() {
  const asked = [];
  old.useLibrary({ verify: async (signature, message, key) => asked.push(signature.length, key.length) > 0 });
  const holds = await old.verify(new Uint8Array(32), new Uint8Array(64), new Uint8Array(1));
  old.useLibrary({ verify: () => Promise.reject(new Error("not a point")) });
  return { asked, holds, refused: await old.verify(new Uint8Array(32), new Uint8Array(64), new Uint8Array(1)) };
}
