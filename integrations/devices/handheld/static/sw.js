// Keeps the app's files for work without a network. VERSION and KEPT, a list of [address, hash], are written above by the server.
// A version is taken as a whole or not at all: each file's content must have the hash that the list says.
const CACHE = "handheld-" + VERSION;
const KEY = new Map(KEPT.map(([address, hash]) => [address, address + "?v=" + hash]));

addEventListener("install", (event) => event.waitUntil(takeAll()));
addEventListener("activate", (event) => event.waitUntil(settle()));
addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
});
addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === location.origin && KEY.has(pathname)) event.respondWith(answer(pathname));
});

async function takeAll() {
  const cache = await caches.open(CACHE);
  await Promise.all(KEPT.map(async ([address, hash]) => {
    const key = KEY.get(address);
    const known = await caches.match(key);
    await cache.put(key, known || (await fetched(address, hash)));
  }));
}

async function fetched(address, hash) {
  const response = await fetch(address, { cache: "no-cache" });
  const body = response.ok ? await response.clone().arrayBuffer() : new ArrayBuffer(0);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== hash) throw new Error("another version of " + address);
  return response;
}

async function settle() {
  for (const name of await caches.keys()) if (name.startsWith("handheld-") && name !== CACHE) await caches.delete(name);
  await clients.claim();
}

async function answer(pathname) {
  const cache = await caches.open(CACHE);
  return (await cache.match(KEY.get(pathname))) || fetch(pathname);
}
