// The camera as a reader of QR and Code 128: the browser's own detector where it really detects, else zxing from our own origin.
const EVERY = 100; // ms between looks
const SAME = 2500; // ms that the same code must be out of sight before it counts again
const FORMATS = ["qr_code", "code_128"];
// «A» as a QR code of version 1, a row of 21 modules in each number: what a detector must be able to read.
const SAMPLE = [
  2083711, 1068609, 1530717, 1526365, 1525085, 1065281, 2086271, 6912, 1965764, 926790, 247057,
  572486, 1956183, 6824, 2086636, 1073082, 1528557, 1525830, 1531153, 1070151, 2088277,
];
let chosen = null;

export const isThere = () => Boolean(navigator.mediaDevices?.getUserMedia);

// Shows the camera in `video` and reports each code once while it is in sight. Returns a function that stops it.
export async function watch(video, onScan) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  video.srcObject = stream;
  await video.play();
  chosen ??= choose();
  const read = await chosen;
  const seen = new Map();
  let running = true;
  (async () => {
    while (running) {
      for (const text of video.readyState >= 2 ? await read(video).catch(() => []) : []) {
        const before = seen.get(text) ?? -Infinity;
        seen.set(text, performance.now());
        if (running && performance.now() - before > SAME) onScan(text);
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  })();
  return () => {
    running = false;
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
}

export const reader = () => (chosen ??= choose());

async function choose() {
  return (await builtIn()) ?? zxing();
}

// Some browsers have the class and no service behind it, so it must prove itself.
async function builtIn() {
  try {
    const offered = await BarcodeDetector.getSupportedFormats();
    if (!FORMATS.every((format) => offered.includes(format))) return null;
    const detector = new BarcodeDetector({ formats: FORMATS });
    const found = await detector.detect(sample());
    if (found[0]?.rawValue !== "A") return null;
    return async (video) => (await detector.detect(video)).map((one) => one.rawValue);
  } catch {
    return null;
  }
}

function sample() {
  const canvas = new OffscreenCanvas(29 * 8, 29 * 8);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#000";
  SAMPLE.forEach((row, y) => {
    for (let x = 0; x < 21; x++) if (row & (1 << (20 - x))) context.fillRect((x + 4) * 8, (y + 4) * 8, 8, 8);
  });
  return canvas;
}

async function zxing() {
  const library = await import("../vendor/zxing/reader/index.js");
  const wasm = new URL("../vendor/zxing/zxing_reader.wasm", import.meta.url).href;
  library.prepareZXingModule({ overrides: { locateFile: () => wasm } });
  const canvas = document.createElement("canvas");
  return async (video) => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    const found = await library.readBarcodes(image, { formats: ["QRCode", "Code128"], maxNumberOfSymbols: 2 });
    return found.filter((one) => one.isValid).map((one) => one.text);
  };
}
