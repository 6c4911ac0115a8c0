// Slack's mrkdwn and text objects as DOM nodes. Text of messages reaches the page as text nodes only, never as HTML.

const SHORT_CODES = {
  red_circle: "🔴", white_check_mark: "✅", fire: "🔥", rotating_light: "🚨", warning: "⚠️", hourglass: "⏳",
  hourglass_flowing_sand: "⏳", rewind: "⏪", x: "❌", eyes: "👀", tada: "🎉", information_source: "ℹ️",
};
const ENTITY = /<([^<>|\n]+)(?:\|([^<>\n]*))?>/g;
const ASIDE = "\uE000";
const MARK = /(?<![\w*_~])([*_~])(?=\S)(.+?)(?<=\S)\1(?![\w*_~])/;
const TAGS = { "*": "strong", _: "em", "~": "s" };

let people = new Map();

/** Names for ids: a Map from user id to name. */
export function namePeople(names) {
  people = names;
}

export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** The nodes of a text object: plain_text is literal, mrkdwn is read. */
export function textOf(thing) {
  if (!thing) return [];
  return thing.type === "mrkdwn" ? mrkdwn(thing.text) : [emoji(thing.text)];
}

/** The nodes of a mrkdwn string: code blocks and spans first, since nothing inside them is markup. */
export function mrkdwn(source) {
  const parts = String(source ?? "").split(/(```[\s\S]*?```|`[^`\n]+`)/);
  return parts.flatMap((part) => {
    if (part.startsWith("```") && part.length > 6) return [make("pre", {}, unescaped(part.slice(3, -3)))];
    if (part.startsWith("`") && part.length > 2) return [make("code", {}, unescaped(part.slice(1, -1)))];
    return entities(part);
  });
}

/** Links, mentions and times stand aside while the formatting around them is read: they may stand inside of it. */
function entities(text) {
  const aside = [];
  const rest = text.replaceAll(ASIDE, "").replace(ENTITY, (_, target, label) => {
    aside.push(entity(target, label));
    return ASIDE;
  });
  return marks(rest, aside);
}

function entity(target, label) {
  if (target.startsWith("@")) return mention(`@${people.get(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("#")) return mention(`#${label ?? target.slice(1)}`);
  if (target.startsWith("!date^")) return document.createTextNode(unescaped(label ?? target));
  if (target.startsWith("!")) return mention(label ?? `@${target.slice(1).split("^")[0]}`);
  return link(unescaped(target), unescaped(label || target));
}

function mention(words) {
  return make("span", { class: "mention" }, unescaped(words));
}

/** A link where the address is http or https, else only its words. */
export function link(address, words, classes = "") {
  if (!/^https?:\/\//i.test(address)) return document.createTextNode(words);
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer", class: classes }, words);
}

function marks(text, aside) {
  const found = MARK.exec(text);
  if (!found) return words(text, aside);
  const before = marks(text.slice(0, found.index), aside);
  const marked = make(TAGS[found[1]], {}, marks(found[2], aside));
  return [...before, marked, ...marks(text.slice(found.index + found[0].length), aside)];
}

/** Text without formatting, with what stood aside back in its places, in order. */
function words(text, aside) {
  const [first, ...others] = text.split(ASIDE).map((part) => emoji(unescaped(part)));
  return [first, ...others.flatMap((part) => [aside.shift(), part])].filter((part) => part !== "");
}

/** The three escapes of mrkdwn undone, once. */
export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function emoji(text) {
  return String(text ?? "").replace(/:([a-z_]+):/g, (whole, name) => SHORT_CODES[name] ?? whole);
}
