// A scanner that imitates a keyboard: a burst of keys that ends with Enter, with or without a field that has the focus.
const FASTEST_HAND = 50; // ms a key on average; nobody types eight digits faster
const SHORTEST = 8;
const PAUSE = 250; // ms after which a burst is over

export function listen(onScan, { field } = {}) {
  let keys = [];
  const isBurst = () => keys.length >= SHORTEST && keys.at(-1).at - keys[0].at <= FASTEST_HAND * (keys.length - 1);
  const text = () => keys.map(({ key }) => key).join("");

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const at = event.timeStamp;
    if (keys.length && at - keys.at(-1).at > PAUSE) keys = [];
    if (event.key === "Enter" || event.key === "Tab") {
      const found = isBurst() ? text() : null;
      keys = [];
      if (found === null) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      takeBack(event.target, found);
      onScan(found);
    } else if (event.key.length === 1) {
      keys.push({ key: event.key, at });
      if (event.target === field) event.preventDefault();
    }
  }, { capture: true });

  // Scanners that speak as a soft keyboard send no keys, only text into whatever field has the focus.
  let quiet;
  field?.addEventListener("input", () => {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      const found = field.value;
      field.value = "";
      if (found.trim().length >= SHORTEST) onScan(found);
    }, 80);
  });
}

// What a scan typed into a field of a form isn't what the person wrote there.
function takeBack(target, found) {
  if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return;
  if (!target.value.endsWith(found)) return;
  target.value = target.value.slice(0, -found.length);
  target.dispatchEvent(new Event("input", { bubbles: true }));
}
