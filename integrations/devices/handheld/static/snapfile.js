// One snapshot file, as docs/snapshot-format.md says: a header, columns of numbers, a signature. Pure: bytes in, rows out.
const MAGIC = "QPSNAP1\n";
const SIGNATURE = 64;
const EPOCH = Date.UTC(2000, 0, 1);
const NEVER = 65535;
const UNKNOWN = 4294967295;
const NOWHERE = 255;
const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array };

// {header, bytes…}; throws when it is no such file. The signature is for the caller to check.
export function parse(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes.length < 12 + SIGNATURE || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) throw new Error("not a snapshot");
  const length = new DataView(buffer).getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + length)));
  if (header.format !== 1) throw new Error("another format");
  const columns = Object.fromEntries(header.columns.map((column) => [column.name, view(buffer, 12 + length, column)]));
  return new Snapfile(header, columns, bytes.subarray(0, bytes.length - SIGNATURE), bytes.subarray(bytes.length - SIGNATURE));
}

function view(buffer, body, { type, count, offset }) {
  const at = body + offset;
  if (ARRAYS[type]) return new ARRAYS[type](buffer, at, count);
  if (type === "bytes16") return new Uint8Array(buffer, at, count * 16);
  if (type !== "text") return null; // a type of later times
  const offsets = new Uint32Array(buffer, at, count + 1);
  return { offsets, text: new Uint8Array(buffer, at + 4 * (count + 1), offsets[count]) };
}

const day = (days) => (days === NEVER ? null : new Date(EPOCH + days * 86_400_000).toISOString().slice(0, 10));
const code = (head, tail) => String(head).padStart(9, "0") + String(tail).padStart(8, "0");

class Snapfile {
  constructor(header, columns, signed, signature) {
    Object.assign(this, { header, columns, signed, signature });
  }

  find(wanted) {
    const [head, tail] = [Number(wanted.slice(0, 9)), Number(wanted.slice(9))];
    const { columns: c } = this;
    let [low, high] = [0, this.header.rows - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (c.head[middle] < head || (c.head[middle] === head && c.tail[middle] < tail)) low = middle + 1;
      else if (c.head[middle] === head && c.tail[middle] === tail) return this.row(middle);
      else high = middle - 1;
    }
    return null;
  }

  // The label that bears a chip, or null.
  findChip(uid) {
    const wanted = new Uint8Array(16);
    const length = Math.min(16, uid.length / 2);
    for (let i = 0; i < length; i++) wanted[i] = parseInt(uid.slice(2 * i, 2 * i + 2), 16);
    let [low, high] = [0, this.header.chips - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const order = this.compare(middle, wanted, length);
      if (order < 0) low = middle + 1;
      else if (order > 0) high = middle - 1;
      else return code(this.columns.chip_head[middle], this.columns.chip_tail[middle]);
    }
    return null;
  }

  compare(at, wanted, length) {
    const chip = this.columns.chip.subarray(16 * at, 16 * at + 16);
    for (let i = 0; i < 16; i++) if (chip[i] !== wanted[i]) return chip[i] - wanted[i];
    return this.columns.chip_len[at] - length;
  }

  // Every label that is or was on one cylinder.
  labelsOn(on) {
    const [head, tail] = [Number(on.slice(0, 9)), Number(on.slice(9))];
    const { columns: c } = this;
    const found = [];
    for (let i = 0; i < this.header.rows; i++) if (c.on_tail[i] === tail && c.on_head[i] === head) found.push(code(c.head[i], c.tail[i]));
    return found;
  }

  bearsChip(label) {
    const [head, tail] = [Number(label.slice(0, 9)), Number(label.slice(9))];
    const { columns: c } = this;
    for (let i = 0; i < this.header.chips; i++) if (c.chip_tail[i] === tail && c.chip_head[i] === head) return true;
    return false;
  }

  *rows() {
    for (let i = 0; i < this.header.rows; i++) yield this.row(i);
  }

  *chips() {
    for (let i = 0; i < this.header.chips; i++) {
      const bytes = this.columns.chip.subarray(16 * i, 16 * i + this.columns.chip_len[i]);
      yield [Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase(), code(this.columns.chip_head[i], this.columns.chip_tail[i])];
    }
  }

  row(i) {
    const { columns: c, header: h } = this;
    const named = (list, at) => (at === NOWHERE || at === NEVER ? null : list[at]);
    const grams = (value) => (value === UNKNOWN ? null : value);
    const until = { inspection_overdue: day(c.inspection_until[i]), beyond_service_life: day(c.life_until[i]), valve_too_old: day(c.valve_until[i]) };
    const known = Object.values(until).filter(Boolean).sort();
    return {
      code: code(c.head[i], c.tail[i]), on: c.on_head[i] || c.on_tail[i] ? code(c.on_head[i], c.on_tail[i]) : null,
      refused: h.refusals.filter((_, bit) => (c.refused[i] >>> bit) & 1), until, fillable_until: known[0] ?? null,
      status: named(h.statuses, c.status[i]), stage: named(h.stages, c.stage[i]), label_state: named(h.label_states, c.label_state[i]),
      medium: named(h.media, c.medium[i]), kind: named(h.kinds, c.kind[i]), max_fill_g: grams(c.max_fill_g[i]), tare_g: grams(c.tare_g[i]),
      checked_at: c.checked_at[i] * 1000, filled_at: c.filled_at[i] * 1000, check: c.check[i], serial_no: this.text(c.serial_no, i),
    };
  }

  text({ offsets, text }, i) {
    return new TextDecoder().decode(text.subarray(offsets[i], offsets[i + 1]));
  }
}
