// The code of a label in whatever form a reader delivers it; the same rule as the server's tenants/rules/codes.py.
// 17 digits, or the 11 of the bar code with the site's district put in front, or the printed address. Nothing is guessed or padded.
const NARROW = /[\uff01-\uff5e]/g;
const INVISIBLE = /[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060\ufeff]+/g;
const ADDRESS = /^(?:(?:https?:)?\/\/)?(?:[^/?#]*\/)?([QL])\/?(?:\?([^#]*))?(?:#.*)?$/i;
const CHIP = /^(?:[0-9A-F]{14}|[0-9A-F]{16}|[0-9A-F]{24})$/;

export function plain(text) {
  return text
    .replace(NARROW, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, " ")
    .replace(INVISIBLE, "");
}

// {code, family} or {problem}
export function parseScan(text, district) {
  if (text.length > 512) return { problem: "too_long" };
  let held = plain(text);
  let family = null;
  if (held.includes("/") || held.includes("?")) {
    const found = ADDRESS.exec(held);
    if (!found) return { problem: "foreign_address" };
    const ids = [...new URLSearchParams((found[2] ?? "").replaceAll(";", "+"))].filter(([name]) => name.toLowerCase() === "id");
    if (ids.length !== 1) return { problem: ids.length ? "wrong_length" : "empty" };
    held = ids[0][1];
    family = found[1].toUpperCase();
  }
  const digits = plain(held).replace(/[+;]+/g, "");
  if (!digits) return { problem: "empty" };
  if (!/^[0-9]+$/.test(digits)) return { problem: "not_digits" };
  if (digits.length === 17) return { code: digits, family };
  if (digits.length !== 11) return { problem: "wrong_length" };
  if (family || !/^[0-9]{6}$/.test(district ?? "")) return { problem: "needs_district" };
  return { code: district + digits, family };
}

// A chip's number, as readers that imitate a keyboard deliver it: 7 or 8 bytes, or the 12 of an EPC.
export function parseChip(text) {
  const found = plain(text).replaceAll(":", "").toUpperCase();
  return CHIP.test(found) ? found : null;
}

export const grouped = (code) => `${code.slice(0, 6)} ${code.slice(6, 9)} ${code.slice(9, 11)} ${code.slice(11)}`;
