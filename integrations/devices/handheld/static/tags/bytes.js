// Bytes: hex and base64 to and fro, joining, comparing, SHA-256.

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export const unbase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

export const ascii = (text) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));

export const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export const isBlank = (bytes) => bytes.every((byte) => byte === 0);

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
