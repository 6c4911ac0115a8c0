// The page: one channel, its threads, the modal of whoever "you" are. Redrawn at each change that the server tells of.

import { drawBlocks, drawMessage } from "/static/blocks.js";
import { make, namePeople, textOf } from "/static/mrkdwn.js";

const here = { team: null, me: "", channel: "", thread: null, viewHash: null, drawn: "" };
const at = (id) => document.getElementById(id);

async function start() {
  here.team = await (await fetch("/_/team")).json();
  const everybody = [...here.team.users, here.team.bot];
  namePeople(new Map(everybody.map((user) => [user.id, user.real_name || user.name])));
  at("team").textContent = here.team.name;
  at("me").append(...here.team.users.map((user) => make("option", { value: user.id }, nameOf(user.id))));
  here.me = at("me").value;
  here.channel = here.team.channels[0]?.id ?? "";
  drawChannels();
  at("me").addEventListener("change", () => { here.me = at("me").value; refresh(); });
  at("composer").addEventListener("submit", (event) => send(event, at("text"), null));
  at("reply").addEventListener("submit", (event) => send(event, at("reply-text"), here.thread));
  at("thread-close").addEventListener("click", () => { here.thread = null; refresh(); });
  at("modal").addEventListener("cancel", (event) => { event.preventDefault(); closeModal(); });
  new EventSource("/stream").onmessage = refresh;
}

function drawChannels() {
  at("channels").replaceChildren(...here.team.channels.map((channel) => {
    const label = `${channel.is_private ? "🔒" : "#"} ${channel.name}`;
    const button = make("button", { type: "button" }, label);
    if (channel.id === here.channel) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => {
      Object.assign(here, { channel: channel.id, thread: null });
      drawChannels();
      refresh();
    });
    return make("li", {}, button);
  }));
}

async function refresh() {
  const asked = { channel: here.channel, user: here.me };
  const seen = await (await fetch(`/_/channel?${new URLSearchParams(asked)}`)).json();
  if (asked.channel !== here.channel || asked.user !== here.me) return;
  const channel = here.team.channels.find((each) => each.id === here.channel);
  at("channel-name").textContent = `# ${channel?.name ?? ""}`;
  // Redraw only what changed: a redraw takes the keyboard away from a button.
  const picture = JSON.stringify([seen.messages, here.thread, here.me, here.channel]);
  if (picture !== here.drawn) drawAll(seen.messages);
  here.drawn = picture;
  drawModal(seen.view);
}

function drawAll(messages) {
  const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;
  const inChannel = messages.filter((message) => !isReply(message) || message.subtype === "thread_broadcast");
  fill(at("messages"), here.channel, inChannel.map((message) => drawLine(message, true)));
  at("thread").hidden = here.thread === null;
  const inThread = messages.filter((message) => here.thread && (message.ts === here.thread || message.thread_ts === here.thread));
  fill(at("replies"), String(here.thread), inThread.map((message) => drawLine(message, false)));
}

// Follows what is new unless somebody reads further up; an edit moves nothing. A message that is taller than the window
// is shown from its beginning.
function fill(list, place, lines) {
  const { place: before, newest, top } = list.dataset;
  const fromEnd = list.scrollHeight - list.scrollTop - list.clientHeight;
  const isReading = fromEnd > 80 && Math.abs(list.scrollTop - Number(top ?? 0)) > 80;
  const last = lines.at(-1);
  list.replaceChildren(...lines);
  if (last && (place !== before || (last.dataset.ts !== newest && !isReading))) {
    list.scrollTop = last.offsetTop - list.offsetTop - 8;
    list.dataset.top = list.scrollTop;
  }
  Object.assign(list.dataset, { place, newest: last?.dataset.ts ?? "" });
}

function drawLine(message, withThread) {
  const author = message.username ?? nameOf(message.user) ?? "app";
  const time = new Date(Number(message.ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const line = make("li", { class: message.is_ephemeral ? "message ephemeral" : "message", "data-ts": message.ts });
  const badge = message.bot_id ? make("span", { class: "badge" }, "APP") : null;
  const hint = message.is_ephemeral ? make("span", { class: "note" }, "Only visible to you") : null;
  line.append(make("div", { class: "avatar", "aria-hidden": "true" }, author.slice(0, 1).toUpperCase()));
  const body = drawMessage(message, (action, value) => press(message.ts, action, value));
  const head = make("div", { class: "author" }, make("strong", {}, author), badge, make("time", {}, time), hint);
  line.append(make("div", { class: "content" }, head, body, withThread ? threadButton(message) : null, traceButton(message)));
  return line;
}

function traceButton(message) {
  if (message.is_ephemeral || message.user === here.team.bot.id) return null;
  const button = make("button", { type: "button", class: "replies shortcut" }, "Trace this alert");
  button.addEventListener("click", () => post("shortcut", { ts: message.ts }));
  return button;
}

function threadButton(message) {
  if (message.is_ephemeral) return null;
  const count = message.reply_count ?? 0;
  const words = count === 0 ? "Reply" : count === 1 ? "1 reply" : `${count} replies`;
  const button = make("button", { type: "button", class: "replies" }, words);
  button.addEventListener("click", () => { here.thread = message.ts; refresh(); });
  return button;
}

function nameOf(id) {
  const user = [...here.team.users, here.team.bot].find((each) => each.id === id);
  if (user) return user.real_name || user.name;
  return id === "USLACKBOT" ? "Slackbot" : id;
}

async function send(event, field, thread) {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  const isCommand = text.startsWith("/") && thread === null;
  await post(isCommand ? "command" : "say", { text, thread_ts: thread });
}

function press(ts, action, value) {
  return post("press", { ts, action_id: action, value });
}

async function post(act, fields) {
  at("status").textContent = "…";
  const body = JSON.stringify({ user: here.me, channel: here.channel, ...fields });
  try {
    const response = await fetch(`/_/${act}`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const done = await response.json();
    at("status").textContent = done.error ?? "";
    return done;
  } catch {
    at("status").textContent = "The sandbox does not answer.";
    return { error: "unreachable" };
  }
}

function drawModal(view) {
  const modal = at("modal");
  if (!view) {
    here.viewHash = null;
    if (modal.open) modal.close();
    return;
  }
  if (view.hash === here.viewHash) return;
  here.viewHash = view.hash;
  const form = make("form", { method: "dialog", autocomplete: "off" });
  const cancel = make("button", { type: "button", class: "button" }, textOf(view.close ?? { text: "Cancel" }));
  cancel.addEventListener("click", closeModal);
  const submit = view.submit ? make("button", { class: "button primary" }, textOf(view.submit)) : null;
  form.append(make("h2", {}, textOf(view.title)), ...drawBlocks(view.blocks, () => {}));
  form.append(make("p", { class: "error", "data-error": "" }), make("div", { class: "actions end" }, cancel, submit));
  form.addEventListener("submit", (event) => submitModal(event, form, view));
  modal.replaceChildren(form);
  if (!modal.open) modal.showModal();
}

async function submitModal(event, form, view) {
  event.preventDefault();
  const done = await post("submit", { view_id: view.id, values: valuesOf(form, view) });
  const problems = { ...(done.errors ?? {}), "": done.error ?? "" };
  for (const place of form.querySelectorAll("[data-error]")) place.textContent = problems[place.dataset.error] ?? "";
  refresh();
}

function valuesOf(form, view) {
  const filled = new FormData(form);
  const values = {};
  for (const { type, element } of view.blocks) {
    if (type !== "input") continue;
    if (element.type === "checkboxes") values[element.action_id] = filled.getAll(element.action_id);
    else if (filled.get(element.action_id)) values[element.action_id] = filled.get(element.action_id);
  }
  return values;
}

async function closeModal() {
  await post("close", {});
  refresh();
}

start();
