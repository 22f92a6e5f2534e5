// Everything about the device on one screen, for whoever is asked for help on the telephone.
import * as clock from "../clock.js";
import { grouped } from "../codes.js";
import { identity } from "../identity.js";
import { counts } from "../outbox.js";
import * as snapshots from "../snapshot.js";
import * as store from "../store.js";
import { soon } from "../sync.js";
import { age, name, t } from "../words.js";
import { bar } from "./bar.js";
import { button, facts, h, show } from "./dom.js";

export async function statusScreen({ back, operator, troubles }) {
  const [waiting, diary, kept, photos] = await Promise.all([counts(), store.newest("diary", 20), navigator.storage?.persisted?.() ?? false, store.count("photos")]);
  const me = identity();
  const list = snapshots.snapshot();
  show(bar(t("status"), { back, open: back }), h("main.status",
    waiting.troubles ? button(t("trouble_count", waiting.troubles), troubles, "strip warn") : null,
    h("p.upload", waiting.waiting ? t("unsent", waiting.waiting) : t("all_sent")),
    facts([
      [t("operator"), operator && [operator.code, operator.name].filter(Boolean).join(" ")], [t("enterprise"), me?.tenant],
      [t("role"), name("Role", me?.role)], [t("device"), me?.device_id], [t("clock"), `${t(`clock_${clock.trust()}`)} · ${clock.stamp()}`],
      [t("list_age"), list ? [t("list_of_cylinders", list.count), age(clock.now() - list.issuedAt), snapshots.isStale() && t("list_stale")].filter(Boolean).join(" · ") : t("age_none")],
      [t("storage"), kept ? t("storage_kept") : t("storage_weak")],
      [t("photos"), photos && `${photos} · ${t("photo_here")}`],
    ]),
    h("div.tools", button(t("send_now"), () => soon(0), "tool"), button(t("export"), () => void save(), "tool")),
    photos ? button(t("photos_save"), () => void savePhotos(), "small") : null,
    h("h2", t("diary")), diary.length ? h("ol.diary", diary.map(line)) : h("p", t("nothing_yet"))));
}

export const line = (one) => h("li", h("span", clock.time(one.at)), h("b", one.kind === "blocked" ? t("blocked") : name("EventKind", one.kind)), h("span.code", one.code ? grouped(one.code) : ""));

// What couldn't be sent, as the body of a call that somebody else can make.
async function save() {
  const events = [...(await store.all("outbox")), ...(await store.all("sent"))].map(({ event }) => event);
  download(new Blob([JSON.stringify({ events }, null, 1)], { type: "application/json" }), `handheld-${clock.today()}.json`);
}

// Each photo as a file that bears its cylinder's code and its finding's id.
async function savePhotos() {
  for (const { id, code, blob } of await store.all("photos")) download(blob, `${code ?? "chip"}-${id}.jpg`);
}

function download(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
