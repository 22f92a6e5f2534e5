// Asks the agent what it does, three times a second. When it doesn't answer, the page says so: an old picture must not look like a new one.
const WORDS = {
  zh: {
    stop: "停止", reset: "复位", override: "强制充装（将上报并留痕）", operator: "作业人员编号", reason: "理由", go: "确认强制充装",
    unhappy: "平台未入账的记录", tare: "皮重", target: "目标", net: "净重", lost: "程序无应答，请关闭气源", online: "平台正常",
    offline: "平台未连接", waiting: "待上传", alarm: "强制充装！未经平台许可：", other: "EN", who: "作业人员", change: "换人",
  },
  en: {
    stop: "Stop", reset: "Reset", override: "Fill against the portal's word (is reported)", operator: "Operator's code", reason: "Reason",
    go: "Fill all the same", unhappy: "Events the portal didn't book", tare: "Tare", target: "Target", net: "Net",
    lost: "The program doesn't answer: close the supply", online: "Portal connected", offline: "Portal not connected", waiting: "to send",
    alarm: "OVERRIDE! Filled without permission: ", other: "中文", who: "Operator", change: "Change",
  },
};
let language = "zh";
const at = (id) => document.getElementById(id);
const kg = (value) => (value === null ? "—" : value.toFixed(3) + " kg");

function list(id, lines) {
  at(id).replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
}

function label() {
  const words = WORDS[language];
  document.documentElement.lang = language;
  for (const [id, name] of [["stop", "stop"], ["reset", "reset"], ["override-title", "override"], ["operator-label", "operator"],
    ["reason-label", "reason"], ["override-go", "go"], ["unhappy-title", "unhappy"], ["language", "other"], ["who-label", "who"], ["change", "change"]]) {
    at(id).textContent = words[name];
  }
}

function show(told) {
  const words = WORDS[language];
  const waiting = told.outbox.counts ? (told.outbox.counts.waiting || 0) + (told.outbox.counts.accepted || 0) : 0;
  at("gun").textContent = told.gun;
  at("portal").textContent = `${told.portal.reached ? words.online : words.offline} · ${words.waiting} ${waiting}`;
  at("phase").textContent = told.phase[language];
  at("why").textContent = told.headline[language];
  at("who").textContent = told.operator || "—";
  at("label").textContent = told.label || "";
  at("box").className = told.good ? "good" : "bad";
  list("refusals", told.refusals.map((one) => one.message));
  at("weight").textContent = told.scale ? told.scale[language] : kg(told.weight_kg);
  at("fill").textContent = `${words.tare} ${kg(told.tare_kg)} · ${words.target} ${kg(told.target_kg)} · ${words.net} ${kg(told.net_kg)}`;
  list("problems", told.problems.map((one) => one[language]));
  at("alarm").hidden = !told.alarm;
  at("alarm").textContent = words.alarm + told.alarm;
  at("override").hidden = !told.may_override;
  const unhappy = told.outbox.unhappy || [];
  at("unhappy").hidden = unhappy.length === 0;
  list("events", unhappy.map((one) => `${one.label || ""} ${one.code} ${one.message}`));
}

function lost() {
  at("box").className = "bad";
  at("why").textContent = WORDS[language].lost;
  at("weight").textContent = "—";
}

async function look() {
  try {
    const answer = await fetch("/status.json", { signal: AbortSignal.timeout(2000) });
    show(await answer.json());
  } catch {
    lost();
  }
  setTimeout(look, 300);
}

async function press(path, body = {}) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) alert((await answer.json()).message);
}

at("stop").addEventListener("click", () => press("/stop"));
at("reset").addEventListener("click", () => press("/reset"));
at("language").addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; label(); });
at("shift").addEventListener("submit", (event) => {
  event.preventDefault();
  press("/operator", { operator: at("next").value });
  at("next").value = "";
});
at("override").addEventListener("submit", (event) => {
  event.preventDefault();
  press("/override", { operator: at("operator").value, reason: at("reason").value });
  at("reason").value = "";
});
label();
look();
