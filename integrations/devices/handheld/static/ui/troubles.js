// Results that aren't «applied»: one after the other, each read and acknowledged by a person.
import * as alarm from "../alarm.js";
import * as clock from "../clock.js";
import { grouped } from "../codes.js";
import { acknowledge, unread } from "../outbox.js";
import { name, reason, t } from "../words.js";
import { button, h, show } from "./dom.js";
import { line } from "./status.js";

const TITLES = { refused: "trouble_refused", missing: "trouble_missing" };

export async function troublesScreen({ done }) {
  const [first, ...rest] = await unread();
  if (!first) return done();
  alarm.notice();
  const said = first.refusals.length ? first.refusals.map((code) => reason(code)) : [{ say: first.message || first.reason, todo: "" }];
  if (first.state === "missing") said.splice(0, 1, { say: t("missing_say", first.lost.count, first.lost.first, first.lost.last), todo: "" });
  const read = async () => {
    await acknowledge(first.id);
    return troublesScreen({ done });
  };
  return show(h("header.bar", h("h1", t("trouble_title")), h("span.left", rest.length ? `+${rest.length}` : "")), h("main.trouble",
    h("h2", t(TITLES[first.state] ?? "trouble_rejected")), h("p.what", [name("EventKind", first.kind === "missing" ? "" : first.kind), clock.stamp(first.at)].filter(Boolean).join(" · ")),
    h("p.code", first.code ? grouped(first.code) : first.event.label ?? first.event.uid ?? ""), said.map((one) => h("p.reason", one.say, h("small", one.todo))), h("p", t(first.lines ? "missing_do" : "trouble_do")), first.lines ? h("ol.diary", first.lines.map(line)) : null),
    h("footer.foot", button(t("acknowledge"), () => void read(), "big go", { "data-first": true })));
}
