// What the device keeps: IndexedDB, where a promise is fulfilled only once the transaction is on the disk.
const NAME = "handheld";
const SCHEMA = 3;
const STORES = {
  self: null, // identity, key, number of the last event, clock, operator, settings, snapshot: by name
  outbox: "seq", // events that the server hasn't acknowledged
  sent: "id", // acknowledged, and what became of them isn't known yet
  kept: "seq", // settled events of the last while, should the server ever miss them
  troubles: "id", // results that a person must read
  memory: "code", // what this device did to a cylinder and the snapshot may not know yet
  tags: "uid", // the highest number seen on a chip, and an image that is being written
  photos: "id", // of findings, by the event's id
  diary: "seq", // the last things done, for the screen
};
let opening = null;

export function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, SCHEMA);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES))
        if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, keyPath ? { keyPath } : undefined);
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = () => (opening = null);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

// Reads and writes of `work` in one transaction; what it returns once everything is durable. `work` gets the stores in the order asked for.
export async function change(names, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(names, "readwrite", { durability: "strict" });
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    try {
      result = work(...names.map((name) => transaction.objectStore(name)));
    } catch (error) {
      transaction.abort();
      reject(error);
    }
  });
}

async function ask(name, question) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const request = question(db.transaction(name, "readonly").objectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export const get = (name, key) => ask(name, (store) => store.get(key));
export const all = (name, most) => ask(name, (store) => store.getAll(null, most));
export const count = (name) => ask(name, (store) => store.count());
export const put = (name, value, key) => change([name], (store) => void store.put(value, key));
export const remove = (name, key) => change([name], (store) => void store.delete(key));

export async function newest(name, most) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const found = [];
    const request = db.transaction(name, "readonly").objectStore(name).openCursor(null, "prev");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor || found.length === most) return resolve(found);
      found.push(cursor.value);
      cursor.continue();
    };
  });
}
