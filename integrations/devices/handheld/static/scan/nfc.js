// Chips by Web NFC: each tap is the chip's number, the printed address if it holds one, and the image for who can read more.
export const isThere = () => "NDEFReader" in window;

const NEAR = 2000; // ms that a write waits for its chip; longer, and it might meet the next one
let reader = null;

// Reports {uid, text, records} for each chip that comes near; returns a function that stops it. Throws when it isn't allowed.
export async function listen(onTap, onTorn) {
  const controller = new AbortController();
  reader = new NDEFReader();
  reader.addEventListener("reading", ({ serialNumber, message }) => onTap(read(serialNumber, message.records)), { signal: controller.signal });
  reader.addEventListener("readingerror", () => onTorn?.(), { signal: controller.signal });
  await reader.scan({ signal: controller.signal });
  return () => controller.abort();
}

export function read(serialNumber, records) {
  const uid = serialNumber.replaceAll(":", "").toUpperCase();
  const url = records.find((record) => record.recordType === "url" || record.recordType === "absolute-url");
  return { uid, text: url ? decoded(url.data) : "", records: records.map(plainRecord) };
}

const decoded = (view) => new TextDecoder().decode(view);
const plainRecord = ({ recordType, mediaType, data }) => ({
  recordType, mediaType, data: data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() : new Uint8Array(),
});

// Writes records over whatever the chip holds; throws NetworkError when the chip was taken away meanwhile.
export function write(records) {
  return (reader ?? new NDEFReader()).write({ records }, { overwrite: true, signal: AbortSignal.timeout(NEAR) });
}
