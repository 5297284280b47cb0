// What a person with a screen reader or weak eyes would miss on the page as it stands: a list of faults, empty when there are none.
() => {
  const faults = [];
  const start = (node) => node.outerHTML.slice(0, 120);
  const shown = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";
  const words = (ids) => (ids ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("").trim();
  const said = (node) => node.getAttribute("aria-label") || words(node.getAttribute("aria-labelledby"));
  const labelled = (node) => [...(node.labels ?? [])].some((label) => label.textContent.trim());
  const expect = (selector, named) => {
    for (const node of document.querySelectorAll(selector)) if (shown(node) && !named(node)) faults.push(`no name: ${start(node)}`);
  };
  expect("button, a[href], [role=menuitem], [role=option]", (node) => said(node) || node.textContent.trim());
  expect("input, select, textarea", (node) => said(node) || labelled(node));
  expect("dialog, [role=log], [role=menu], [role=listbox], [role=region], aside, nav", said);
  expect("img", (node) => node.hasAttribute("alt"));
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  if (new Set(ids).size !== ids.length) faults.push("an id twice");

  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((c, n) => c * top[3] + under[n] * (1 - top[3]));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const own = rgba(getComputedStyle(node ?? document.body).backgroundColor);
    return own[3] === 1 || !node ? own : [...over(own, ground(node.parentElement)), 1];
  };
  const faded = (node) => node !== null && (getComputedStyle(node).opacity === "0" || faded(node.parentElement));
  const dialog = document.querySelector("dialog[open]");
  for (const node of (dialog ?? document.body).querySelectorAll("*")) {
    const text = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if (!text || !shown(node) || faded(node) || node.closest(".emoji, noscript, .quiet, .skip, :disabled")) continue;
    const back = ground(node).slice(0, 3);
    const ink = over(rgba(getComputedStyle(node).color), back);
    const [high, low] = [luminance(ink), luminance(back)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${start(node)}`);
  }
  return faults;
}
