// What the server says it never got: sent again where the device still has it, told to a person where it hasn't.
import * as api from "./api.js";
import { LOCK } from "./outbox.js";
import { announce } from "./record.js";
import * as store from "./store.js";

const MOST = 1000; // numbers of a gap that are looked for one by one
const TOLD = 5000; // numbers that a person was told of and needn't be told of again

export async function ask(language) {
  const { status, body } = await api.call("/missing", { language });
  if (status !== 200 || !body.missing.length) return 0;
  return navigator.locks.request(LOCK, () => recover(body.missing));
}

// How many events go to the server once more.
async function recover(gaps) {
  const told = new Set((await store.get("self", "missing")) ?? []);
  let again = 0;
  for (const gap of gaps) {
    const found = await here(gap);
    const lost = found.lost.filter((seq) => !told.has(seq));
    const said = lost.length ? await trouble(gap, lost) : null;
    await store.change(["outbox", "sent", "troubles", "self"], (outbox, sent, troubles, self) => {
      for (const { upload: _, settled: __, ...one } of found.kept) {
        sent.delete(one.id);
        outbox.put(one);
      }
      if (!said) return;
      troubles.put(said);
      lost.forEach((seq) => told.add(seq));
      self.put([...told].slice(-TOLD), "missing");
    });
    again += found.kept.length;
  }
  announce();
  return again;
}

// Which of a gap's numbers the device can send again, and which nobody has any more. What the server couldn't read, a person was told already.
async function here({ first, last }) {
  const sent = new Map((await store.all("sent")).map((one) => [one.seq, one]));
  const [kept, lost] = [[], []];
  for (let seq = first; seq <= Math.min(last, first + MOST); seq++) {
    if (await store.get("outbox", seq)) continue;
    const one = sent.get(seq) ?? (await store.get("kept", seq));
    if (!one) lost.push(seq);
    else if (one.settled !== "malformed") kept.push(one);
  }
  return { kept, lost };
}

async function trouble(gap, lost) {
  const lines = (await Promise.all(lost.map((seq) => store.get("diary", seq)))).filter(Boolean);
  return {
    id: `missing ${lost[0]}`, seq: lost[0], kind: "missing", state: "missing", code: null, at: Date.parse(gap.before), refusals: [], reason: "", message: "", read: 0,
    lost: { count: lost.length, first: lost[0], last: lost.at(-1) }, lines, event: {},
  };
}
