// New versions: taken in the background as a whole, put to use only between two tasks. Events are on the disk before, so none is lost.
import { LOCK } from "./record.js";
import { button, h } from "./ui/dom.js";
import { t } from "./words.js";

let waiting = null;
let place = null;
let asked = false;

export function start() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => asked && location.reload());
  navigator.serviceWorker.register("/handheld/sw.js", { scope: "/handheld/", updateViaCache: "none" }).then((registration) => {
    found(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => worker.state === "installed" && navigator.serviceWorker.controller && found(worker));
    });
    setInterval(() => registration.update().catch(() => undefined), 30 * 60_000);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && registration.update().catch(() => undefined));
  }).catch((problem) => console.warn(problem));
}

function found(worker) {
  if (!worker) return;
  waiting = worker;
  place?.replaceChildren(strip());
}

const strip = () => button(t("new_version"), takeOver, "strip");

// Waits for whatever is being recorded in any tab, then changes over.
function takeOver() {
  asked = true;
  return navigator.locks.request(LOCK, async () => waiting?.postMessage("take over"));
}

// Where the menu tells of it.
export function notice() {
  place = h("section", { "aria-label": t("version") }, waiting ? strip() : null);
  return place;
}
