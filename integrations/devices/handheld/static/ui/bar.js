// The line on top of every screen: where one is, whether there is a network, how much waits to be sent.
import { link, onLink } from "../api.js";
import { counts } from "../outbox.js";
import { onChange } from "../record.js";
import { t } from "../words.js";
import { h } from "./dom.js";

let line = null;
let known = { waiting: 0, sent: 0, troubles: 0 };

export function bar(title, { back, open } = {}) {
  line = h("button.link", { type: "button", onclick: open, "aria-label": t("status") });
  paint();
  return h("header.bar", back ? h("button.back", { type: "button", onclick: back, "aria-label": t("back") }, "‹") : null, h("h1", title), line);
}

async function update() {
  known = await counts();
  paint();
}

function paint() {
  if (!line) return;
  const state = link.state === "down" ? "offline" : link.state === "shut" ? "shut" : "online";
  line.className = `link ${state}`;
  line.replaceChildren(h("i.dot"), t(state), known.waiting ? h("b.unsent", t("unsent", known.waiting)) : "");
}

export function start() {
  onLink(paint);
  onChange(() => void update());
  void update();
}

export const seen = () => known;
