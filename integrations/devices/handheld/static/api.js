// Calls of the device API: signed with the device's key (RFC 9421), and decided by their result alone whether there is a network.
import * as clock from "./clock.js";
import * as keys from "./keys.js";
import * as store from "./store.js";

export const PREFIX = "/api/devices/v1";
const PATIENCE = 15_000; // ms
const SHUT = new Set(["bad_token", "unknown_key", "key_revoked"]);
const listeners = new Set();
export const link = { state: "unknown", since: 0 }; // up, down, shut (the server knows this device no more), unknown

export class Offline extends Error {}

export function onLink(listener) {
  listeners.add(listener);
}

function become(state) {
  if (link.state === state) return;
  link.state = state;
  link.since = performance.now();
  for (const listener of listeners) listener(state);
}

// {status, body, retryAfter, tookMs}; throws Offline when no answer came. A clock that is off is set once, and the call made again.
export async function call(path, options = {}) {
  const answer = await once(path, options);
  if (answer.status !== 401 || answer.body?.code !== "clock_skew") return answer;
  await clock.sync(answer.body.server_time, answer.tookMs);
  return once(path, options);
}

async function once(path, { method = "GET", body, patience = PATIENCE, open = false, language = "zh", raw = false } = {}) {
  const url = new URL(PREFIX + path, location.origin).href;
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const headers = { "Accept-Language": language };
  if (text !== undefined) headers["Content-Type"] = "application/json";
  if (!open) Object.assign(headers, await proof(method, url, text));
  const began = performance.now();
  const response = await answered(url, { method, headers, body: text, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(patience) });
  const told = raw && response.ok ? response.data : parsed(response.data);
  if (!open) become(response.status === 401 && SHUT.has(told?.code) ? "shut" : "up");
  return { status: response.status, body: told, headers: response.headers, retryAfter: waitOf(response), tookMs: performance.now() - began };
}

async function answered(url, options) {
  try {
    const response = await fetch(url, options);
    const data = await response.arrayBuffer();
    if (response.status >= 502 && response.status <= 504 && !/json/.test(response.headers.get("Content-Type") ?? "")) throw new Offline("gateway");
    return { status: response.status, ok: response.ok, headers: response.headers, data };
  } catch (error) {
    become("down");
    throw new Offline(String(error));
  }
}

function parsed(data) {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return null;
  }
}

function waitOf(response) {
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 0 ? Math.min(seconds, 300) * 1000 : 5000;
}

async function proof(method, url, text) {
  const identity = await store.get("self", "identity");
  if (!identity) return {};
  if (identity.credential.kind === "bearer") return { Authorization: `Bearer ${identity.credential.token}` };
  return signed(method, url, text, identity.credential.keyid, await keys.mine());
}

// HTTP Message Signatures over method, address and body.
export async function signed(method, url, text, keyid, key) {
  const covered = ['"@method"', '"@target-uri"'];
  const lines = [`"@method": ${method}`, `"@target-uri": ${url}`];
  const headers = {};
  if (text !== undefined) {
    headers["Content-Digest"] = `sha-256=:${keys.base64(await keys.sha256(keys.utf8(text)))}:`;
    covered.push('"content-digest"');
    lines.push(`"content-digest": ${headers["Content-Digest"]}`);
  }
  const created = Math.floor(clock.byServer() / 1000);
  const nonce = keys.base64(crypto.getRandomValues(new Uint8Array(16)));
  const input = `(${covered.join(" ")});created=${created};keyid="${keyid}";alg="ed25519";nonce="${nonce}";tag="qp-device"`;
  lines.push(`"@signature-params": ${input}`);
  headers["Signature-Input"] = `sig1=${input}`;
  headers["Signature"] = `sig1=:${await keys.sign(key, keys.utf8(lines.join("\n")))}:`;
  return headers;
}
