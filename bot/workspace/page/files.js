/** Files of this workspace: a picture to look at, anything else to keep. */

import { el, icon } from "./dom.js";

const BYTES = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** Where the bytes of a file are, named as blocks name it: by id or by one of its addresses. Nothing for another. */
export function fileAddress(named) {
  const id = named?.id ?? named?.url?.match(/\bF[A-Z0-9]{8,}\b/)?.[0];
  return id && `/files-pri/${encodeURIComponent(id)}`;
}

const size = (bytes) => (bytes < 1000 ? `${BYTES.format(bytes)} bytes` : `${BYTES.format(bytes / 1000)} KB`);

/** A file below a message. */
export function fileCard(file) {
  const title = file.title || file.name;
  const kept = { href: `${fileAddress(file)}/download/${encodeURIComponent(file.name)}`, download: file.name };
  if (file.mimetype?.startsWith("image/")) {
    const props = { class: "large", src: fileAddress(file), alt: file.alt_txt || title, loading: "lazy", width: file.original_w, height: file.original_h };
    return el("figure", { class: "figure" }, el("figcaption", {}, el("a", { class: "link", ...kept }, title)), el("img", props));
  }
  return el("a", { class: "file", ...kept, "aria-label": `Download ${title}` }, icon("file"),
    el("span", { class: "file-words" }, el("span", { class: "file-title" }, title), el("small", {}, `${file.name}, ${size(file.size)}`)));
}
