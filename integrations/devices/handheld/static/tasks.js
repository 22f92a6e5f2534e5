// What can be done with a handheld, by role. A task says which events a scan makes; everything else is the same for all.
// setup: asked once before the first scan and kept; each: asked for every scan; judged: the cylinder must be fit to be filled.

const move = (kind, fields = []) => ({ kind, setup: fields, drafts: ({ setup }) => [{ kind, data: filled(setup), place: setup.warehouse || setup.gun }] });
const filled = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null));

const customer = ({ order, ...rest }) => {
  const known = filled(rest);
  return { ...filled({ order }), ...(Object.keys(known).length ? { customer: known } : {}) };
};

export const hazardOf = (violation) => Number(violation.slice(1)); // V01 → 1, as it stands on a chip

export const TASKS = {
  fill: {
    kind: "fill", judged: true, setup: ["medium", "gun", "batch"], asksChecks: true,
    drafts: ({ setup, checksWithScan, items, checkedHere }) => [
      ...(checksWithScan && !checkedHere ? [{ kind: "check_before_fill", place: setup.gun, data: { passed: true, items } }] : []),
      { kind: "fill", place: setup.gun, data: filled({ medium: setup.medium, gun: setup.gun, batch: setup.batch }) },
    ],
    asides: ["send_to_inspection", "failed"],
  },
  check_before: { kind: "check_before_fill", checks: "before", setup: [], drafts: ({ items }) => [{ kind: "check_before_fill", data: { passed: true, items } }], asides: ["failed", "send_to_inspection"] },
  check_after: { kind: "check_after_fill", checks: "after", setup: [], drafts: ({ items }) => [{ kind: "check_after_fill", data: { passed: true, items } }], asides: ["failed"] },
  take_in: { ...move("take_in", ["warehouse"]), warns: true, asides: ["send_to_inspection"] },
  deliver: { kind: "deliver", setup: ["company", "person", "phone", "address", "order"], perCustomer: true, warns: true, drafts: ({ setup }) => [{ kind: "deliver", data: customer(setup) }] },
  recover: { ...move("recover", ["order"]), warns: true },
  repair: { ...move("repair", ["work", "note", "valve_end_of_life_on"]), needs: ["work"] },
  store_in: { ...move("store_in", ["warehouse"]), warns: true },
  store_out: { ...move("store_out", ["warehouse", "order"]), warns: true },
  send_to_inspection: { ...move("send_to_inspection", ["reason", "note"]), needs: ["reason"] },
  bind: {
    kind: "bind_label", setup: [], each: ["serial_no", "maker", "replaces"], keeps: ["maker"], needs: ["serial_no", "maker"], needsCode: true,
    drafts: ({ each }) => [{ kind: "bind_label", data: filled({ ...each, reason: each.replaces ? "replacement" : undefined }) }],
  },
  finding: {
    kind: "finding", setup: [], each: ["violation", "disposition", "words", "photo"], needs: ["violation", "disposition"], verifies: true,
    drafts: ({ each: { violation, disposition, words, photo } }) => [
      { kind: "finding", photo: photo || undefined, data: filled({ violation, hazard: hazardOf(violation), disposition, note: words, photo_sha256: photo?.sha256 }) },
    ],
  },
  write_tag: { kind: null, writes: true, setup: ["profile"], needs: ["profile"], drafts: () => [] },
  query: { kind: null, setup: [], warns: true, drafts: () => [] },
  read: { kind: null, setup: [], warns: true, verifies: true, drafts: () => [] },
};

const OF_ROLE = {
  filler: ["fill", "check_before", "check_after", "take_in", "send_to_inspection", "query"],
  checker: ["check_before", "check_after", "take_in", "bind", "write_tag", "send_to_inspection", "query"],
  driver: ["deliver", "recover", "query"],
  store: ["take_in", "store_in", "store_out", "bind", "write_tag", "recover", "send_to_inspection", "query"],
  repair: ["repair", "send_to_inspection", "query"],
  lab: ["query"],
  inspector: ["read", "finding"],
  admin: ["fill", "check_before", "check_after", "take_in", "bind", "write_tag", "deliver", "recover", "store_in", "store_out", "repair", "send_to_inspection", "query"],
};
export const tasksOf = (role) => OF_ROLE[role] ?? ["query"];
export const judgesFills = (role) => ["filler", "checker", "admin"].includes(role);
