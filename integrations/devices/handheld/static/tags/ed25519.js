// Ed25519 by WebCrypto where the browser has it (Chrome 137, Firefox 129, Safari 17), else by a library that is handed in with `useLibrary`.

let library = null;
let native = null;

// `verify(signature, message, publicKey)` gives a boolean or a promise of one, as @noble/ed25519's verifyAsync does.
export function useLibrary(found) {
  library = found;
}

export async function isNative() {
  native ??= crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]).then(() => true, () => false);
  return native;
}

export async function verify(publicKey, signature, message) {
  try {
    if (await isNative()) {
      const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
    }
  } catch {
    return false;
  }
  if (library === null) throw new Error("this browser has no Ed25519, and no library was handed in");
  try {
    return Boolean(await library.verify(signature, message, publicKey));
  } catch {
    return false;
  }
}

// A signer for writing.js from a CryptoKey.
export const signerOf = (privateKey) => async (message) =>
  new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, privateKey, message));
