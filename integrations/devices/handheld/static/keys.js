// The device's own Ed25519 key. In WebCrypto it can't be taken out; where the browser is too old for Ed25519, a library signs with a
// key that only this origin can read.
import * as store from "./store.js";

const NAME = "Ed25519";

export async function make() {
  try {
    const pair = await crypto.subtle.generateKey(NAME, false, ["sign", "verify"]);
    const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
    return { kind: "webcrypto", private: pair.privateKey, public: base64(new Uint8Array(raw)) };
  } catch {
    const library = await import("./vendor/ed25519.js");
    const secret = crypto.getRandomValues(new Uint8Array(32));
    return { kind: "library", private: secret, public: base64(await library.getPublicKeyAsync(secret)) };
  }
}

export async function sign(key, bytes) {
  if (key.kind === "webcrypto") return base64(new Uint8Array(await crypto.subtle.sign(NAME, key.private, bytes)));
  const library = await import("./vendor/ed25519.js");
  return base64(await library.signAsync(bytes, key.private));
}

export async function verify(publicKey, signature, bytes) {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, NAME, false, ["verify"]);
    return await crypto.subtle.verify(NAME, key, signature, bytes);
  } catch {
    const library = await import("./vendor/ed25519.js");
    return library.verifyAsync(signature, bytes, publicKey).catch(() => false);
  }
}

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
export const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
export const utf8 = (text) => new TextEncoder().encode(text);

export async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

// JSON in one fixed spelling (RFC 8785): sorted names, no blanks.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).filter((name) => value[name] !== undefined).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

// A UUIDv7 for a moment.
export function uuid7(at) {
  const b = crypto.getRandomValues(new Uint8Array(16));
  let rest = Math.floor(at);
  for (let i = 5; i >= 0; i--, rest = Math.floor(rest / 256)) b[i] = rest % 256;
  b[6] = (b[6] & 0x0f) | 0x70;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = Array.from(b, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export async function mine() {
  return (await store.get("self", "key")) ?? null;
}
