// Every text of the app, Chinese first. Sentences that the server says too come from tables.json.
const TEXTS = {
  app: ["气瓶手持终端", "Cylinder handheld"],
  starting: ["正在启动…", "Starting…"],
  other_language: ["English", "中文"],
  back: ["返回", "Back"],
  save: ["保存", "Save"],
  next: ["下一步", "Next"],
  cancel: ["取消", "Cancel"],
  done: ["完成", "Done"],
  saved: ["已保存", "Saved"],
  start_work: ["开始作业", "Start work"],
  operator: ["工号", "Staff code"],
  pin: ["口令", "PIN"],
  pin_wrong: ["工号或口令不对", "Wrong staff code or PIN"],
  pin_wait: ["试错过多，请稍后再试", "Too many attempts; try again later"],
  card_bad: ["登录凭据无法核实，请联系管理员", "The card can't be verified; call the administrator"],
  card_none: ["离线时不能登录，请连接网络", "Signing in needs a network"],
  sign_out: ["换人", "Change operator"],
  choose_task: ["选择作业", "Choose a task"],
  enrol_title: ["登记本机", "Enrol this device"],
  enrol_how: ["请管理员在“设备”页生成登记码，用本机扫描或打开登记链接。", "Ask the administrator for an enrolment code on the devices page; scan or open it with this device."],
  enrol_before: ["以前登记过而看到此页，说明浏览器数据已被清除，未上传的记录已丢失，请报告管理员。", "If it was enrolled before, the browser's data was cleared and records that weren't sent are gone: tell the administrator."],
  enrol_name: ["设备名称", "Name of this device"],
  enrol_code: ["登记码", "Enrolment code"],
  enrol_do: ["登记", "Enrol"],
  enrol_failed: ["登记失败", "Enrolment failed"],
  enrol_offline: ["登记需要网络，请连接后再试。", "Enrolment needs a network; connect and try again."],
  enrol_lost: ["本机的登记已丢失：浏览器数据被清除。未上传的记录也已丢失，请报告管理员并重新登记。", "This device's enrolment is gone: the browser's data was cleared. Records that weren't sent are gone too. Tell the administrator and enrol again."],
  too_old: ["浏览器版本过旧，请安装新版 Chrome（137 或以上）", "This browser is too old; install Chrome 137 or newer"],
  device_shut: ["本机已停用，服务器不再接收。记录仍保存在本机，请联系管理员。", "This device was revoked. Its records are still here; call the administrator."],
  scan_now: ["请扫码", "Scan now"],
  scan_hint: ["扫描枪、相机或电子标签均可", "Scanner, camera or chip"],
  camera: ["相机", "Camera"],
  camera_off: ["关闭相机", "Camera off"],
  camera_no: ["相机不可用", "The camera can't be used"],
  nfc: ["电子标签", "Chip"],
  nfc_on: ["请靠近标签", "Hold it near"],
  nfc_no: ["电子标签不可用", "Chips can't be read here"],
  nfc_torn: ["没有读全，请再靠近一次", "Not read; hold it there once more"],
  by_hand: ["手工输入", "By hand"],
  code: ["编码", "Code"],
  ok: ["可以充装", "May be filled"],
  may_not: ["禁止充装", "Do not fill"],
  illegal: ["非法充装", "Illegal fill"],
  acknowledge: ["知道了", "I have seen it"],
  send_to_inspection: ["送检", "To inspection"],
  cautions: ["请核对", "Please check"],
  from_server: ["实时判定", "Judged online"],
  from_snapshot: ["离线判定", "Judged offline"],
  from_none: ["无法判定", "Not judged"],
  list_age: ["名单", "List"],
  age_minutes: ["{0} 分钟前", "{0} min old"],
  age_hours: ["{0} 小时前", "{0} h old"],
  age_days: ["{0} 天前", "{0} d old"],
  list_stale: ["已过旧，连接网络更新后才能判定", "too old; connect to renew it before anything is judged"],
  list_too_old: ["离线名单已过旧，连接网络更新后才能判定", "The offline list is too old; connect to renew it before anything is judged"],
  age_none: ["没有离线名单", "No offline list"],
  offline: ["离线", "Offline"],
  online: ["在线", "Online"],
  shut: ["已停用", "Revoked"],
  unsent: ["待传 {0}", "{0} unsent"],
  all_sent: ["已全部上传", "All sent"],
  today_count: ["本次 {0} 只", "{0} this time"],
  again: ["刚扫过，未重复记录", "Scanned just now; not recorded again"],
  waiting: ["正在判定…", "Judging…"],
  trouble_title: ["上传结果", "Result of an upload"],
  trouble_refused: ["服务器拒绝", "Refused by the server"],
  trouble_rejected: ["服务器未采用", "Not taken by the server"],
  trouble_missing: ["服务器缺少记录", "The server lacks records"],
  missing_say: ["服务器没有收到本机 {0} 条记录（流水号 {1}–{2}），本机也已没有。", "The server never got {0} records of this device (numbers {1}–{2}), and the device has them no more."],
  missing_do: ["请按下列作业补做记录，并报告管理员。", "Record what stands below once more, and report it."],
  trouble_do: ["请核对该瓶，需要时隔离并报告管理员。", "Find that cylinder; set it aside and report it if need be."],
  trouble_count: ["{0} 条结果待确认", "{0} results to read"],
  not_saved: ["未能保存！请勿继续，请报告管理员。", "Not saved! Stop, and tell the administrator."],
  status: ["状态", "Status"],
  device: ["设备", "Device"],
  enterprise: ["单位", "Enterprise"],
  role: ["岗位", "Role"],
  version: ["版本", "Version"],
  new_version: ["新版本已就绪，点此更新", "A new version is ready; tap to update"],
  storage: ["存储", "Storage"],
  storage_kept: ["受保护", "Protected"],
  storage_weak: ["可能被系统清理，请勿清除浏览器数据", "The system may clear it; never clear the browser's data"],
  clock: ["时钟", "Clock"],
  clock_synced: ["已校准", "Set by the server"],
  clock_stale: ["超过一天未校准", "Not compared for a day"],
  clock_suspect: ["不可信", "Not to be trusted"],
  send_now: ["立即上传", "Send now"],
  export: ["导出未传记录", "Save unsent records to a file"],
  blocked: ["拦停充装", "Fill stopped"],
  diary: ["最近记录", "Last records"],
  nothing_yet: ["还没有记录", "Nothing yet"],
  list_of_cylinders: ["离线名单 {0} 只", "Offline list of {0}"],
  setup: ["作业设置", "Settings of the task"],
  change: ["修改", "Change"],
  checks_title: ["充装前检查：每只瓶都看", "Before each fill, look at"],
  checks_with_scan: ["我逐瓶检查，扫码即确认合格", "I look at each; the scan confirms it"],
  checks_apart: ["检查由检查员另行记录", "Checks are recorded by a checker"],
  failed_next: ["不合格", "Failed"],
  failed_which: ["哪些不合格？", "What is wrong?"],
  failed_scan: ["请扫不合格的瓶", "Scan the cylinder that failed"],
  inspection_scan: ["请扫要送检的瓶", "Scan the cylinder to send"],
  next_customer: ["下一客户", "Next customer"],
  read_only: ["查询，不记录", "Question only; nothing is recorded"],
  not_known: ["未知", "Unknown"],
  unknown_here: ["名单中没有此瓶", "Not on this device's list"],
  fillable_until: ["可充装至", "Fillable until"],
  stage: ["环节", "Stage"],
  serial: ["出厂编号", "Serial no."],
  medium: ["介质", "Medium"],
  tag: ["电子标签", "Chip"],
  tag_holds: ["签名有效", "Signature holds"],
  tag_unsure: ["部分内容待联网核实", "Partly to be verified online"],
  tag_repair: ["上次写入中断，待修复", "The last write was torn"],
  tag_refused: ["不可信", "Not to be believed"],
  tag_check: ["已写入，请再靠近一次核对", "Written; hold it near once more to check"],
  tag_torn: ["没有写完，请再靠近标签", "Not written; hold the chip near again"],
  tag_hold: ["请将电子标签靠近", "Now hold the chip near"],
  tag_label_first: ["请先扫印刷码", "Scan the printed code first"],
  tag_online: ["写新标签需要联网", "Writing a new chip needs the network"],
  tag_not_signed: ["不能写入", "Not written"],
  tag_written: ["标签已写入并核对", "Written and checked"],
  tag_full: ["标签不能写入，记录将由网络上传", "The chip can't be written; the record goes by the network"],
  finding: ["监察记录", "Finding"],
  photo_take: ["拍照（可不拍）", "Take a photo (or none)"],
  photo_taken: ["已拍照，点此重拍", "Photo taken; tap for another"],
  photo_bad: ["照片不能用，请重拍", "That photo can't be used; take another"],
  photo_here: ["照片只存在本机，不上传", "Photos stay on this device and aren't sent"],
  photos: ["监察照片", "Photos of findings"],
  photos_save: ["导出照片", "Save the photos"],
  tag_fill: ["标签上末次充装", "Last fill on the chip"],
  required: ["必填", "Needed"],
};

const FIELDS = {
  medium: ["介质代码", "Medium code"], gun: ["充装枪", "Gun"], batch: ["批次", "Batch"], net_kg: ["净重 kg", "Net kg"],
  warehouse: ["仓库", "Warehouse"], order: ["单号", "Order no."], company: ["单位", "Company"], person: ["联系人", "Person"],
  phone: ["电话", "Phone"], address: ["地址", "Address"], work: ["维修内容", "Work done"], note: ["备注", "Note"],
  reason: ["原因", "Reason"], serial_no: ["出厂编号", "Serial no."], maker: ["制造单位", "Maker"], replaces: ["替换的旧标签", "Label it replaces"],
  violation: ["隐患", "Hazard"], words: ["说明", "In words"], photo: ["照片", "Photo"], profile: ["芯片型号", "Chip"], disposition: ["处置", "Measure"], valve_end_of_life_on: ["新瓶阀使用至", "New valve until"],
};

const CHOICES = {
  profile: { ntag216: ["NTAG216", "NTAG216"], ntag215: ["NTAG215", "NTAG215"], ntag213: ["NTAG213", "NTAG213"], ntag424: ["NTAG 424 DNA", "NTAG 424 DNA"], slix2: ["ICODE SLIX2", "ICODE SLIX2"] },
  work: {
    valve: ["更换瓶阀", "New valve"], seal: ["更换密封", "New seal"], guard: ["更换护罩底座", "New guard or foot"],
    paint: ["补漆标志", "Paint and marks"], other: ["其他", "Other"],
  },
  reason: {
    overdue: ["临近或超过检验期", "Inspection due or overdue"], damage: ["外观损伤", "Damage"], corrosion: ["腐蚀", "Corrosion"],
    valve: ["瓶阀漏气", "Leaking valve"], doubt: ["来历或标志可疑", "Doubtful origin or marks"],
  },
  disposition: { stop: ["责令停用", "Stopped"], rectify: ["限期整改", "To be put right"], noted: ["仅记录", "Noted only"], lifted: ["解除措施", "Lifted"] },
};

// Reasons that only the device knows: what is wrong, and what to do.
const OWN = {
  no_snapshot: [["没有离线名单，无法判定", "No offline list, so it can't be judged"], ["连接网络后再充装", "Connect before you fill"]],
  snapshot_too_old: [["离线名单过旧", "The offline list is too old"], ["连接网络更新名单后再充装", "Connect to renew it before you fill"]],
  clock_set_back: [["时钟被回拨", "The clock was set back"], ["连接网络校准后再充装", "Connect to set the clock before you fill"]],
  filled_lately: [["刚充装过，不要重复充装", "Filled a short while ago; don't fill it twice"], ["确需再充时先收瓶入库", "To fill it again, take it in first"]],
  sent_to_inspection_here: [["本机已记录送检", "Sent to inspection by this device"], ["检验合格后再充装", "Fill after it has passed"]],
  finding_here: [["监察员已作处置", "An inspector took a measure"], ["不得充装，联系监察员", "Do not fill; call the inspector"]],
  tag_bad_signature: [["电子标签签名无效，疑为伪造", "The chip's signature doesn't hold; possibly forged"], ["停止充装，核对钢印", "Stop; compare the stamp"]],
  tag_rolled_back: [["标签数据被回退", "The chip holds older data than before"], ["停止充装，报管理员核查", "Stop, and have it checked"]],
  tag_finding: [["标签上有监察处置", "An inspector's measure is on the chip"], ["不得充装，联系监察员", "Do not fill; call the inspector"]],
  tag_other_cylinder: [["芯片与编码不是同一气瓶", "The chip belongs to another cylinder"], ["核对钢印，疑为换标", "Compare the stamp"]],
  not_judged: [["此岗位没有充装判定", "This role gets no filling verdict"], ["", ""]],
};

const TASKS = {
  fill: ["充装", "Fill"], check_before: ["充装前检查", "Check before"], check_after: ["充装后检查", "Check after"], take_in: ["收瓶入库", "Take in"],
  query: ["查询", "Query"], bind: ["绑定标签", "Bind label"], write_tag: ["写电子标签", "Write chip"], deliver: ["配送", "Deliver"], recover: ["回收", "Recover"], repair: ["维修", "Repair"],
  store_in: ["入库", "Store in"], store_out: ["出库", "Store out"], send_to_inspection: ["送检", "To inspection"], finding: ["监察记录", "Finding"],
  read: ["读取核验", "Read and verify"],
};

// What a person looks at before a fill; the keys are those of the check's record.
const CHECKS = {
  P03: ["气体与钢印一致", "Gas equals the stamp"], P06: ["颜色标志正确", "Colour marks right"], P08: ["无裂纹、腐蚀、变形", "No crack, corrosion, dent"],
  P09: ["在检验有效期内", "Within inspection period"], P10: ["安全附件齐全", "Accessories complete"], P11: ["氧化性气体无油脂", "No grease (oxidisers)"],
  P12: ["剩余压力已确认", "Residual pressure known"], P14: ["皮重清楚", "Tare readable"], P18: ["标签与钢印瓶号一致", "Label equals stamped no."],
};
const CHECKS_AFTER = { A01: ["不漏气", "No leak"], A02: ["重量或压力合格", "Weight or pressure right"], A03: ["瓶体无异常温升、鼓包", "No heat or bulge"], A04: ["已贴警示标签和合格标志", "Warning label and seal on"] };

let language = localStorage.getItem("language") ?? (navigator.language.startsWith("en") ? "en" : "zh");
let tables = { refusals: {}, cautions: {}, scans: {}, names: {}, violations: {} };

export async function load() {
  tables = await (await fetch(new URL("tables.json", import.meta.url))).json();
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

export const lang = () => language;

export function setLanguage(wanted) {
  language = wanted;
  localStorage.setItem("language", wanted);
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

const of = (pair) => (pair ? pair[language === "en" ? 1 : 0] : "");

export const t = (key, ...values) => values.reduce((text, value, i) => text.replace(`{${i}}`, value), of(TEXTS[key]) || key);
export const taskName = (id) => of(TASKS[id]);
export const fieldName = (id) => of(FIELDS[id]) || id;
export const choices = (field) => Object.entries(field === "violation" ? tables.violations : CHOICES[field]).map(([key, pair]) => [key, of(pair)]);
export const checks = (after) => Object.entries(after ? CHECKS_AFTER : CHECKS).map(([key, pair]) => [key, of(pair)]);
export const name = (kind, value) => of(tables.names[kind]?.[value]) || value || "";
export const caution = (code) => of(tables.cautions[code]) || code;
export const scanProblem = (code) => of(tables.scans[code]) || code;

// A reason for people: what is wrong, what to do, how grave.
export function reason(code) {
  if (OWN[code]) return { say: of(OWN[code][0]), todo: of(OWN[code][1]), grave: true, own: true };
  const known = tables.refusals[code];
  return known ? { say: of(known.say), todo: of(known.do), grave: known.severity === "critical" } : { say: code, todo: "", grave: true };
}

export const flaw = (meaning) => meaning[language === "en" ? 2 : 1];

export function age(ms) {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  return minutes < 120 ? t("age_minutes", minutes) : hours < 72 ? t("age_hours", hours) : t("age_days", Math.floor(hours / 24));
}
