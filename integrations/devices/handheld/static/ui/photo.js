// A photo in a form: taken with the device's camera, made small at once, so that it can be kept with its record.
import { sha256 } from "../keys.js";
import { hex } from "../tags/bytes.js";
import { t } from "../words.js";
import { h } from "./dom.js";

const LONGEST = 1280; // pixels of the longer side
const QUALITY = 0.8;

export function photoField() {
  const input = h("input", { type: "file", name: "photo", accept: "image/*", capture: "environment" });
  const said = h("b", t("photo_take"));
  const view = h("canvas.view", { hidden: true });
  const element = h("div.photo", input, view, said, h("small", t("photo_here")));
  let photo = "";
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      photo = await small(file, view);
      said.textContent = t("photo_taken");
    } catch (problem) {
      console.warn(problem);
      photo = "";
      said.textContent = t("photo_bad");
    }
    view.hidden = !photo;
  });
  element.taken = () => photo;
  element.focus = () => input.focus();
  return element;
}

// {blob, sha256}: a JPEG without anything that the camera wrote beside the picture, as the place where it was taken.
async function small(file, canvas) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob) throw new Error("no picture");
  return { blob, sha256: hex(await sha256(await blob.arrayBuffer())) };
}
