// Everything that can be wrong with a tag, how grave it is, and the sentence for people.

const NOTE = 0;
const UNSURE = 1;
const REPAIR = 2;
const REFUSE = 3;
export const VERDICTS = ["holds", "unsure", "repair", "refused"];

export const MEANINGS = {
  foreign_chip: [REFUSE, "内容属于另一芯片，疑似复制标签", "Copied from another chip"],
  rolled_back: [REFUSE, "标签数据被回退", "An older content was written back"],
  forked: [REFUSE, "与本机见过的同号内容不同", "Another content under a number seen before"],
  counter_back: [REFUSE, "芯片计数倒退，疑似复制芯片", "The chip's own counter went back"],
  altered: [REFUSE, "签名不符，内容被改动或损坏", "The signature doesn't hold: altered or damaged"],
  code_mismatch: [REFUSE, "网址中的编码与签名内容不符", "The address names another code than what was signed"],
  chain_spliced: [REFUSE, "监察记录前后不相接", "A finding doesn't follow the one before it"],
  chain_dropped: [REFUSE, "监察记录缺失", "A finding is missing"],
  chain_reordered: [REFUSE, "监察记录次序不对", "A finding stands in another's place"],
  key_revoked: [REFUSE, "签名密钥已吊销，请联网核实", "The key was revoked; ask the server"],
  key_expired: [REFUSE, "签名密钥不在有效期", "The key wasn't valid then, or isn't any more"],
  key_unknown: [REFUSE, "签名密钥未知，请更新密钥目录", "Unknown key; fetch the key ring"],
  key_not_for_this: [REFUSE, "该密钥无权签署此内容", "This key may not sign this"],
  unknown_version: [REFUSE, "标签版本未知，请更新程序", "Unknown version; update the program"],
  malformed: [REFUSE, "不是本系统的标签内容", "Not a tag of this layout"],
  cut_short: [REFUSE, "标签内容不完整", "The content is cut short"],
  empty: [REFUSE, "标签为空，可能写入中断", "Empty; perhaps a write was torn"],
  torn: [REPAIR, "上次写入中断，标签待修复", "The last write was torn; write the tag again"],
  not_checked: [NOTE, "没有密钥，未核对", "Not checked for want of a key"],
};

const WAITS_FOR_SERVER = ["key_unknown", "key_expired", "key_revoked"];
export const NOT_VERIFIED = ["key_unknown", "key_not_for_this"];

export const flaw = (part, fault, at = null) => ({ part, fault, at });

export function gravity({ part, fault }) {
  const grave = MEANINGS[fault][0];
  const mild = part === "private" || (part !== "base" && WAITS_FOR_SERVER.includes(fault));
  return mild ? Math.min(grave, UNSURE) : grave;
}

export const verdictOf = (flaws) => VERDICTS[Math.max(NOTE, ...flaws.map(gravity))];
