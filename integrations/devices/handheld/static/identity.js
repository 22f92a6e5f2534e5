// Who this device is: enrolled once with a one-time token, known from then on by its own key. Gone when the browser's storage is cleared.
import * as api from "./api.js";
import * as clock from "./clock.js";
import * as keys from "./keys.js";
import * as store from "./store.js";

let current = null;
const MARK = "handheld-enrolled"; // outside IndexedDB: tells a new device from one whose storage was cleared in part

export async function load() {
  current = (await store.get("self", "identity")) ?? null;
  return current;
}

export const identity = () => current;
export const wasEnrolledBefore = () => !current && document.cookie.includes(`${MARK}=1`);

// Exchange a one-time token for a place of its own; the key is kept before the server hears of it, so a lost answer loses nothing.
export async function enrol(token, name) {
  const key = (await store.get("self", "key")) ?? (await keys.make());
  await store.put("self", key, "key");
  const proof = await keys.sign(key, keys.utf8(`QPENROL1\n${token}`));
  const asked = { token, public_key: key.public, name, model: navigator.userAgent.slice(0, 64), proof };
  const { status, body } = await api.call("/enrol", { method: "POST", body: asked, open: true });
  if (status >= 300) return { problem: body?.title ?? String(status), code: body?.code };
  await adopt({ ...body, credential: { kind: "key", keyid: body.key_id } });
  if (body.server_time) await clock.sync(body.server_time, 0);
  return { identity: current };
}

export async function adopt(found) {
  current = found;
  await store.put("self", found, "identity");
  document.cookie = `${MARK}=1; path=/handheld/; max-age=31536000; samesite=strict`;
  await navigator.storage?.persist?.().catch(() => false);
}

export const tenant = () => current?.tenant ?? "";
export const district = () => tenant().split("-")[0];
export const role = () => current?.role ?? "";
