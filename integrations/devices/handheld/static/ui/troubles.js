// Results that aren't «applied»: one after the other, each read and acknowledged by a person.
import * as alarm from "../alarm.js";
import * as clock from "../clock.js";
import { grouped } from "../codes.js";
import { acknowledge, unread } from "../outbox.js";
import { name, reason, t } from "../words.js";
import { button, h, show } from "./dom.js";

export async function troublesScreen({ done }) {
  const [first, ...rest] = await unread();
  if (!first) return done();
  alarm.notice();
  const said = first.refusals.length ? first.refusals.map((code) => reason(code)) : [{ say: first.message || first.reason, todo: "" }];
  const read = async () => {
    await acknowledge(first.id);
    return troublesScreen({ done });
  };
  return show(h("header.bar", h("h1", t("trouble_title")), h("span.left", rest.length ? `+${rest.length}` : "")), h("main.trouble",
    h("h2", t(first.state === "refused" ? "trouble_refused" : "trouble_rejected")), h("p.what", `${name("EventKind", first.kind)} · ${clock.stamp(first.at)}`),
    h("p.code", first.code ? grouped(first.code) : first.event.label ?? first.event.uid), said.map((one) => h("p.reason", one.say, h("small", one.todo))), h("p", t("trouble_do"))),
    h("footer.foot", button(t("acknowledge"), () => void read(), "big go", { "data-first": true })));
}
