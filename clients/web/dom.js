// Making and filling elements. Text is only ever set as text: labels and names
// are whatever somebody called them.

const SVG = "http://www.w3.org/2000/svg";

export const $ = id => document.getElementById(id);

export function make(tag, attributes = {}, ...inside) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes))
    e.setAttribute(k, v);
  e.append(...inside);
  return e;
}

export function svg(tag, attributes = {}, text) {
  const e = document.createElementNS(SVG, tag);
  for (const [k, v] of Object.entries(attributes))
    e.setAttribute(k, v);
  if (text !== undefined)
    e.textContent = text;
  return e;
}

// Only what changed is touched, so that nothing flickers or is read out again.
export function say(e, text) {
  if (e.textContent !== text)
    e.textContent = text;
}

// n children of `list`, made and removed as needed, each given to `fill`.
export function fill(list, items, create, update) {
  while (list.children.length > items.length)
    list.lastElementChild.remove();
  while (list.children.length < items.length)
    list.append(create());
  items.forEach((item, i) => update(list.children[i], item, i));
}
