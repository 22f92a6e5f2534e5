// Tone, vibration and voice: a legal cylinder is a short high tone, an illegal one an alarm until somebody says that he has seen it.
let audio = null;
let siren = null;

// In a gesture of the user; without one the browser stays silent.
export async function unlock() {
  audio ??= new AudioContext({ latencyHint: "interactive" });
  await audio.resume().catch(() => undefined);
  await stayLit();
  return audio.state === "running";
}

// The lock is lost whenever another app comes to the front.
async function stayLit() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // the screen may go dark; nothing else depends on it
  }
}
document.addEventListener("visibilitychange", () => audio && document.visibilityState === "visible" && void stayLit());

export const canSound = () => audio?.state === "running";

function tone(from, start, length, frequency, { type = "sine", volume = 0.6, to = frequency } = {}) {
  const [oscillator, gain] = [from.createOscillator(), from.createGain()];
  oscillator.type = type;
  oscillator.frequency.setValueAtTime(frequency, start);
  oscillator.frequency.linearRampToValueAtTime(to, start + length);
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(volume, start + 0.01);
  gain.gain.setValueAtTime(volume, start + length - 0.02);
  gain.gain.linearRampToValueAtTime(0, start + length);
  oscillator.connect(gain).connect(from.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
  return oscillator;
}

export function pass() {
  if (!audio) return;
  tone(audio, audio.currentTime, 0.12, 1318);
  tone(audio, audio.currentTime + 0.13, 0.16, 1760);
  navigator.vibrate?.(60);
}

export function notice() {
  if (audio) tone(audio, audio.currentTime, 0.35, 520, { type: "triangle" });
  navigator.vibrate?.([120, 80, 120]);
}

// Two notes in the range where a hall full of gas is quietest and ears are best, full loudness, until stop().
export function start(sentence, language) {
  stop();
  const sound = () => {
    navigator.vibrate?.([400, 100, 400, 100, 400]);
    if (!audio) return;
    for (let i = 0; i < 3; i++) {
      tone(audio, audio.currentTime + i * 0.5, 0.25, 2600, { type: "square", volume: 1, to: 3100 });
      tone(audio, audio.currentTime + 0.25 + i * 0.5, 0.25, 1900, { type: "square", volume: 1, to: 1500 });
    }
  };
  sound();
  speak(sentence, language);
  let round = 0;
  siren = setInterval(() => {
    sound();
    if (++round % 3 === 0) speak(sentence, language);
  }, 2000);
}

export function stop() {
  clearInterval(siren);
  siren = null;
  navigator.vibrate?.(0);
  globalThis.speechSynthesis?.cancel();
}

export const isSounding = () => siren !== null;

function speak(sentence, language) {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  const voice = voices.find((one) => one.lang.toLowerCase().startsWith(language));
  if (!voice) return; // many handhelds have none; text, tone and vibration say the same
  const said = new SpeechSynthesisUtterance(sentence);
  Object.assign(said, { voice, lang: voice.lang, volume: 1, rate: 1.05 });
  speechSynthesis.speak(said);
}
