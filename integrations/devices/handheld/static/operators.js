// Who works with the device now: staff code and a short PIN, checked by the server, which gives a signed card for the shift. Without a
// network the card that is here goes on; its PIN is then checked by a verifier of the device's own, slow and bound to a key of its own.
import * as api from "./api.js";
import * as clock from "./clock.js";
import { identity, tenant } from "./identity.js";
import * as keys from "./keys.js";
import * as ring from "./ring.js";
import * as store from "./store.js";
import { button, h, show } from "./ui/dom.js";
import { t } from "./words.js";

const WORD = "QPOPER1\n";
const ROUNDS = 300_000;
const MOST_TRIES = 5; // wrong PINs without a network; after that only the server decides

export async function current() {
  const found = await store.get("self", "operator");
  return found && clock.now() < found.until ? found : null;
}

export const leave = () => store.remove("self", "operator");

// {operator} or {problem}
async function signIn(code, pin) {
  if (!code || !pin) return { problem: t("required") };
  try {
    const { status, body } = await api.call("/operators/sign-in", { method: "POST", body: { operator: code, pin } });
    if (status === 200) return await admitted(body, pin);
    return { problem: status === 429 ? t("pin_wait") : status === 403 || status === 422 ? t("pin_wrong") : (body?.title ?? String(status)) };
  } catch (error) {
    if (!(error instanceof api.Offline)) throw error;
    return unlocked(code, pin);
  }
}

async function admitted(answer, pin) {
  const card = await read(answer);
  if (!card) return { problem: t("card_bad") };
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const operator = { code: card.operator, name: "", until: Date.parse(card.good_until) };
  const kept = { ...operator, salt, verifier: await slow(pin, salt, await own()), tries: 0 };
  await store.change(["self"], (self) => {
    self.put(operator, "operator");
    self.put(kept, `card:${operator.code}`);
  });
  return { operator };
}

// The card's content if the platform signed it for this device, else null.
async function read({ kid, payload, signature }) {
  if (!(await ring.ring())) await ring.refresh();
  const bytes = keys.bytes(payload);
  const key = await ring.keyOf(kid, "snapshot", clock.now());
  if (!key || !(await keys.verify(key, keys.bytes(signature), new Uint8Array([...keys.utf8(WORD), ...bytes])))) return null;
  const card = JSON.parse(new TextDecoder().decode(bytes));
  return card.format === 1 && card.device === identity().device_id && card.tenant === tenant() ? card : null;
}

async function unlocked(code, pin) {
  const card = await store.get("self", `card:${code}`);
  if (!card || clock.now() >= card.until || clock.wasSetBack() || card.tries >= MOST_TRIES) return { problem: t("card_none") };
  await store.put("self", { ...card, tries: card.tries + 1 }, `card:${code}`); // counted before it is looked at
  if ((await slow(pin, card.salt, await own())) !== card.verifier) return { problem: t("pin_wrong") };
  const operator = { code: card.code, name: card.name, until: card.until };
  await store.change(["self"], (self) => {
    self.put({ ...card, tries: 0 }, `card:${code}`);
    self.put(operator, "operator");
  });
  return { operator };
}

// A key that stays in this browser, so that a copied verifier is worth nothing elsewhere.
async function own() {
  const kept = await store.get("self", "pin-key");
  if (kept) return kept;
  const made = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await store.put("self", made, "pin-key");
  return made;
}

async function slow(pin, salt, key) {
  const secret = await crypto.subtle.importKey("raw", keys.utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, secret, 256);
  return keys.base64(new Uint8Array(await crypto.subtle.sign("HMAC", key, bits)));
}

export function askScreen(done, { bar, foot }) {
  const code = h("input", { name: "operator", autocomplete: "off", maxlength: 40, autocapitalize: "characters", "data-first": true });
  const pin = h("input", { name: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 8 });
  const problem = h("p.problem", { role: "alert", hidden: true });
  const send = async (event) => {
    event.preventDefault();
    const found = await signIn(code.value.trim(), pin.value);
    if (found.operator) return done(found.operator);
    problem.textContent = found.problem;
    problem.hidden = false;
    pin.value = "";
  };
  show(bar, h("main.plain", h("form.form", { onsubmit: send }, h("label.field", h("span", t("operator")), code), h("label.field", h("span", t("pin")), pin), problem,
    h("button.big.go", { type: "submit" }, t("start_work")))), h("footer.foot", foot ?? button("", () => undefined)));
}
