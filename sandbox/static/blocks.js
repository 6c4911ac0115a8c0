// Blocks, attachments and inputs as DOM nodes. `press(actionId, value)` is called for buttons and menus.

import { link, make, mrkdwn, textOf, unescaped } from "/static/mrkdwn.js";

const INPUTS = { plain_text_input: textInput, static_select: select, radio_buttons: choices, checkboxes: choices };

export function drawMessage(message, press) {
  const body = make("div", { class: "body" });
  if (message.blocks?.length) body.append(...drawBlocks(message.blocks, press));
  else if (message.text) body.append(make("div", { class: "text" }, mrkdwn(message.text)));
  for (const attachment of message.attachments ?? []) body.append(drawAttachment(attachment, press));
  if (message.edited) body.append(make("span", { class: "note" }, " (edited)"));
  return body;
}

export function drawBlocks(blocks, press) {
  return blocks.map((block) => (DRAW[block.type] ?? unknown)(block, press));
}

function drawAttachment(attachment, press) {
  const box = make("div", { class: "attachment" });
  if (/^[0-9a-f]{6}$/i.test(attachment.color ?? "")) box.style.borderLeftColor = `#${attachment.color}`;
  if (attachment.pretext) box.append(make("div", {}, mrkdwn(attachment.pretext)));
  if (attachment.author_name) box.append(make("div", { class: "note" }, mrkdwn(attachment.author_name)));
  if (attachment.title) box.append(make("div", { class: "title" }, attachmentTitle(attachment)));
  if (attachment.text) box.append(make("div", { class: "text" }, mrkdwn(attachment.text)));
  if (attachment.fields?.length) {
    const drawn = attachment.fields.map((field) =>
      make("div", {}, make("strong", {}, mrkdwn(field.title)), make("br"), ...mrkdwn(field.value)));
    box.append(make("div", { class: "fields" }, drawn));
  }
  box.append(...drawBlocks(attachment.blocks ?? [], press));
  if (attachment.footer) box.append(make("div", { class: "note" }, mrkdwn(attachment.footer)));
  return box;
}

function attachmentTitle(attachment) {
  return attachment.title_link ? [link(attachment.title_link, unescaped(attachment.title))] : mrkdwn(attachment.title);
}

const DRAW = { actions, context, divider, header, image, input, section };

function header(block) {
  return make("h3", {}, textOf(block.text));
}

function section(block, press) {
  const words = make("div", { class: "text" }, textOf(block.text));
  const fields = (block.fields ?? []).map((field) => make("div", {}, textOf(field)));
  if (fields.length) words.append(make("div", { class: "fields" }, fields));
  return make("div", { class: "section" }, words, block.accessory ? element(block.accessory, press) : null);
}

function context(block) {
  const items = block.elements.map((item) => (item.type === "image" ? image(item) : make("span", {}, textOf(item))));
  return make("div", { class: "context" }, items);
}

function divider() {
  return make("hr");
}

// Pictures lie on other hosts, which this page does not talk to: it shows what they say.
function image(block) {
  return make("span", { class: "image", role: "img", "aria-label": block.alt_text }, `🖼 ${block.alt_text}`);
}

function actions(block, press) {
  return make("div", { class: "actions" }, block.elements.map((item) => element(item, press)));
}

function input(block) {
  const field = (INPUTS[block.element.type] ?? unknown)(block.element);
  const error = make("p", { class: "error", "data-error": block.block_id });
  const hint = block.hint ? make("p", { class: "note" }, textOf(block.hint)) : null;
  return make("label", { class: "input" }, make("strong", {}, textOf(block.label)), field, hint, error);
}

function unknown(block) {
  return make("div", { class: "note" }, `(${block.type})`);
}

function element(item, press) {
  if (item.type === "button") return button(item, press);
  if (item.type === "overflow" || item.type === "static_select") return menu(item, press);
  return item.type === "image" ? image(item) : unknown(item);
}

function button(item, press) {
  const classes = `button ${item.style === "primary" || item.style === "danger" ? item.style : ""}`;
  const label = item.accessibility_label ?? item.text.text;
  const drawn = make("button", { type: "button", class: classes, "aria-label": label }, textOf(item.text));
  drawn.addEventListener("click", () => {
    if (item.url && /^https?:\/\//i.test(item.url)) window.open(item.url, "_blank", "noopener,noreferrer");
    if (!item.confirm || window.confirm(item.confirm.text.text)) press(item.action_id, item.value ?? null);
  });
  return drawn;
}

function menu(item, press) {
  const first = make("option", { value: "" }, item.type === "overflow" ? "⋯" : (item.placeholder?.text ?? "Choose"));
  const drawn = make("select", { class: "menu", "aria-label": "More actions" }, first, options(item));
  drawn.addEventListener("change", () => {
    if (drawn.value) press(item.action_id, drawn.value);
    drawn.value = "";
  });
  return drawn;
}

function options(item) {
  return (item.options ?? []).map((option) => make("option", { value: option.value }, textOf(option.text)));
}

function textInput(item) {
  const value = item.initial_value ?? "";
  const placeholder = item.placeholder?.text ?? "";
  return make(item.multiline ? "textarea" : "input", { name: item.action_id, value, placeholder });
}

function select(item) {
  const drawn = make("select", { name: item.action_id }, make("option", { value: "" }, ""), options(item));
  drawn.value = item.initial_option?.value ?? "";
  return drawn;
}

function choices(item) {
  const kind = item.type === "checkboxes" ? "checkbox" : "radio";
  const chosen = [item.initial_option, ...(item.initial_options ?? [])].map((option) => option?.value);
  const lines = item.options.map((option) => {
    const checked = chosen.includes(option.value);
    const box = make("input", { type: kind, name: item.action_id, value: option.value, checked });
    const more = option.description ? [" ", make("small", {}, ...textOf(option.description))] : [];
    return make("label", {}, box, " ", ...textOf(option.text), ...more);
  });
  return make("span", { class: "choices" }, lines);
}
