// A chip reader for tests: the page finds a class like the browser's own, and `tap(uid, records)` brings a chip near.
(() => {
  const readers = [];
  const chips = (window.chips = new Map()); // uid → {records, capacity, tearNext}
  let near = null;
  class FakeReader extends EventTarget {
    async scan({ signal } = {}) {
      readers.push(this);
      signal?.addEventListener("abort", () => readers.splice(readers.indexOf(this), 1));
    }
    async write(message) {
      const records = new NDEFMessage(typeof message === "string" ? { records: [{ recordType: "text", data: message }] } : message).records; // the browser's own check
      const chip = chips.get(near);
      if (!chip || chip.tearNext) {
        if (chip) Object.assign(chip, { records: [], tearNext: false });
        throw new DOMException("the chip went away", "NetworkError");
      }
      chip.records = records.map(({ recordType, mediaType, data }) => ({ recordType, mediaType: mediaType ?? undefined, data: recordType === "url" ? new TextDecoder().decode(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() }));
    }
    async makeReadOnly() {
      throw new DOMException("never", "NotAllowedError");
    }
  }
  window.NDEFReader = FakeReader;
  window.tap = (uid, records) => {
    if (records) chips.set(uid, { records });
    if (!chips.has(uid)) chips.set(uid, { records: [] });
    near = uid;
    const message = { records: chips.get(uid).records.length ? chips.get(uid).records : [{ recordType: "empty" }] };
    const serialNumber = uid.toLowerCase().match(/../g).join(":");
    for (const reader of [...readers]) reader.dispatchEvent(new NDEFReadingEvent("reading", { serialNumber, message }));
  };
})();
