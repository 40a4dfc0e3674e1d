"use strict";
// The page without this script shows every finding; with it, details unfold, filters work, and comments are kept.
(async () => {
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const meta = JSON.parse($("#meta").textContent);
const findings = $$("article");
let lang = meta.lang;

// Texts stand in the page in its own language. data-t (text), data-l (name for screen readers) and data-k (heading of a stacked cell)
// lead to them in both languages.
let packed = null;
const said = (index) => (lang !== meta.lang && packed.other[index]) || packed.own[index];
function translate(root) {
  for (const at of $$("[data-t]", root)) at.textContent = said(at.dataset.t);
  for (const at of $$("[data-l]", root)) {
    at.setAttribute("aria-label", said(at.dataset.l));
    if (at.placeholder) at.placeholder = said(at.dataset.l);
  }
  for (const at of $$("[data-k]", root)) at.dataset.h = said(at.dataset.k);
}
function clone(id) {
  const made = $(id).content.cloneNode(true);
  if (lang !== meta.lang) translate(made);
  return made;
}
function speak() {
  if (!packed) return;
  lang = lang === "zh" ? "en" : "zh";
  translate(document);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  keep("lang", lang);
}

// What is kept between visits; where the browser refuses, only until the page is closed.
const memory = {};
function keep(name, value) {
  memory[name] = value;
  try { localStorage.setItem(`compliance:${name}`, JSON.stringify(value)); } catch { $("#not-kept").hidden = false; }
}
function kept(name) {
  if (name in memory) return memory[name];
  try { return JSON.parse(localStorage.getItem(`compliance:${name}`)); } catch { return null; }
}

// The details: texts once, packed; see html.py for their form.
async function unpack() {
  const raw = Uint8Array.from(atob($("#packed").textContent), (char) => char.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  const found = JSON.parse(await new Response(stream).text());
  // A text that stands in the page is not packed once more.
  for (const root of [document, ...$$("template").map((one) => one.content)]) {
    for (const at of $$("[data-t]", root)) found.own[at.dataset.t] ||= at.textContent;
  }
  return found;
}
function node(tag, index, name) {
  const made = document.createElement(tag);
  made.textContent = said(index);
  made.dataset.t = index;
  if (name) made.className = name;
  return made;
}
function hold(tag, children, name) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children);
  return made;
}
const list = (name, indexes) => hold("ul", indexes.map((index) => node("li", index)), name);
const cells = (indexes) => hold("tr", indexes.map((index) => (index < 0 ? hold("td", []) : node("td", index))));
function table(heads, rows) {
  const head = hold("thead", [hold("tr", heads.map((index) => { const th = node("th", index); th.scope = "col"; return th; }))]);
  const scroll = hold("div", [hold("table", [head, hold("tbody", rows)])], "scroll");
  scroll.tabIndex = 0;
  return scroll;
}
const draw = {
  lines: (part) => [list("lines", part)],
  working: (part) => [list("working", part)],
  cites: (part) => [table(packed.heads.cites, part.map(cells))],
  needs: (part) => [table(packed.heads.needs, part.map(cells))],
  questions: (part) => part.map(([text, answers]) => hold("div", [node("p", text), list("lines", answers)], "item")),
  facts: (part) => part.map((group) => {
    const [item, path, rows] = packed.groups[group];
    return hold("div", [node("p", item), table(packed.heads.facts, rows.map((row) => fact(said(path), packed.rows[row])))], "item");
  }),
};
function fact(item, [label, value, place, name]) {
  const row = cells([label, value, place]);
  row.append(hold("td", [item ? `${item}.${said(name)}` : said(name)]));
  return row;
}
function unfold(finding) {
  const to = $(".detail", finding);
  if (!packed || !to || to.childElementCount) return;
  for (const [kind, title, part] of packed.details[findings.indexOf(finding)]) to.append(node("h4", title), ...draw[kind](part));
}
function link(rule, text) {
  const made = hold("a", [text]);
  made.href = `#${rule}`;
  return made;
}
function titled(at) {
  const title = $("h3", findings[at]);
  const made = link(findings[at].id, title.textContent);
  if (title.dataset.t) made.dataset.t = title.dataset.t;
  return made;
}
const SHOWN = 25;
function agenda(all) {
  const body = $("#agenda tbody");
  if (!body) return;
  body.replaceChildren(...packed.agenda.slice(0, all ? undefined : SHOWN).map(([distance, label, who, where, ...bears]) => {
    const from = hold("td", where < 0 ? [node("span", who)] : [node("span", who), document.createElement("br"), node("small", where)]);
    const rules = bears.flatMap((of, n) => (of.length ? [hold("p", [node("span", packed.labels[n], "note"), " ",
      ...of.flatMap((at, m) => (m ? [" · ", titled(at)] : [titled(at)]))])] : []));
    const row = hold("tr", [hold("td", [String(distance)], "d"), node("td", label), from, hold("td", rules)]);
    $$("td", row).forEach((cell, n) => {
      cell.dataset.k = packed.heads.agenda[n];
      cell.dataset.h = said(cell.dataset.k);
    });
    return row;
  }));
  const more = $("#agenda-all");
  if (more) more.hidden = all || packed.agenda.length <= SHOWN;
}

// Each finding can be unfolded and commented on.
for (const finding of findings) {
  finding.tabIndex = -1;
  const name = link(finding.id, finding.id);
  name.className = "id";
  $("h3", finding).after(name);
  finding.append(clone("#tools"));
  $(".more", finding).addEventListener("toggle", (event) => {
    unfold(finding);
    finding.toggleAttribute("data-open", event.target.open);
  });
  $(".say", finding).addEventListener("toggle", () => comment(finding));
}

// Comments: by fingerprint and role, so that they are dropped when the finding claims something else.
const name = `comments:${meta.record}`;
const comments = kept(name) || {};
function comment(finding) {
  const to = $(".say", finding);
  if ($(".comment", to)) return;
  to.append(clone("#comment"));
  for (const area of $$("textarea", to)) {
    area.value = comments[finding.dataset.f]?.[area.name] || "";
    area.addEventListener("input", () => write(finding, area));
  }
}
function write(finding, area) {
  const of = (comments[finding.dataset.f] ??= {});
  if (area.value.trim()) of[area.name] = area.value; else delete of[area.name];
  if (!Object.keys(of).length) delete comments[finding.dataset.f];
  keep(name, comments);
  count();
}
function count() {
  $("#comment-count").textContent = Object.values(comments).reduce((sum, of) => sum + Object.keys(of).length, 0);
}
function download() {
  const made = findings.flatMap((finding) => Object.entries(comments[finding.dataset.f] || {}).map(([role, text]) => (
    { rule: finding.id, fingerprint: finding.dataset.f, verdict: finding.dataset.v, role, text })));
  const whole = { schema: "compliance.comments/1", record: meta.record, facts_sha256: meta.facts, pack_sha256: meta.pack, as_of: meta.day,
    issuer: meta.issuer, comments: made };
  const to = document.createElement("a");
  to.href = URL.createObjectURL(new Blob([JSON.stringify(whole, null, 1) + "\n"], { type: "application/json" }));
  to.download = `comments-${meta.code || "filing"}-${meta.record}.json`;
  to.click();
  setTimeout(() => URL.revokeObjectURL(to.href), 1000);
}
const roles = Object.fromEntries($$("textarea", $("#comment").content).map((area) => [area.name, area.closest("label")]));
let printed = false; // the whole list for print alone
addEventListener("beforeprint", () => {
  printed = Boolean(packed) && !$("#agenda-all")?.hidden;
  if (printed) agenda(true);
  for (const finding of findings) {
    for (const [role, text] of Object.entries(comments[finding.dataset.f] || {})) {
      finding.append(hold("p", [`${said($("span", roles[role]).dataset.t)}: ${text}`], "said"));
    }
  }
});
addEventListener("afterprint", () => {
  $$(".said").forEach((shown) => shown.remove());
  if (printed) agenda(false);
});

// Filters.
const chosen = { chapter: $("#by-chapter"), party: $("#by-party"), changed: $("#by-changed"), text: $("#by-text") };
const verdicts = $$("#by-verdict button");
function matches(finding, pressed, words) {
  const of = finding.dataset;
  return (!pressed.length || pressed.includes(of.v)) && (!chosen.chapter.value || of.c === chosen.chapter.value)
    && (!chosen.party.value || (of.p || "").split(" ").includes(chosen.party.value)) && (!chosen.changed?.checked || "x" in of)
    && (!words || finding.textContent.toLowerCase().includes(words) || finding.id.includes(words));
}
function filter() {
  const pressed = verdicts.filter((button) => button.getAttribute("aria-pressed") === "true").map((button) => button.value);
  const words = chosen.text.value.trim().toLowerCase();
  let shown = 0;
  for (const finding of findings) shown += !(finding.hidden = !matches(finding, pressed, words));
  $("#shown").textContent = `${shown} / ${findings.length}`;
}
function clear() {
  for (const button of verdicts) button.setAttribute("aria-pressed", "false");
  for (const input of Object.values(chosen)) if (input) { input.value = ""; input.checked = false; }
  $("#by-changed") && ($("#by-changed").value = "on");
  filter();
}
for (const button of verdicts) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}
for (const input of Object.values(chosen)) input?.addEventListener("input", filter);
// What stands at a glance shows its findings: those of a verdict, or what is open with a party.
for (const link of $$("[data-want]")) {
  link.addEventListener("click", () => {
    const [want, party] = link.dataset.want.split(" ");
    clear();
    if (party) chosen.party.value = party;
    const shown = party ? ["judgement", "missing"] : [want];
    for (const button of verdicts) button.setAttribute("aria-pressed", String(shown.includes(button.value)));
    filter();
  });
}

// Going to a finding.
let now = null;
function go(finding, scroll = true) {
  if (finding.hidden) clear();
  now?.classList.remove("now");
  now = finding;
  now.classList.add("now");
  now.focus({ preventScroll: true });
  if (scroll) now.scrollIntoView({ block: "start" });
}
function arrive() {
  const finding = findings.find((one) => one.id === decodeURIComponent(location.hash.slice(1)));
  if (!finding) return;
  $(".more", finding).open = true;
  go(finding);
}
addEventListener("hashchange", arrive);
function step(by) {
  const shown = findings.filter((finding) => !finding.hidden);
  if (shown.length) go(shown[Math.max(0, Math.min(shown.length - 1, now ? shown.indexOf(now) + by : 0))]);
}
function all(open) {
  for (const finding of findings) {
    if (finding.hidden) continue;
    $(".more", finding).open = open;
    if (open) unfold(finding); // at once: the event comes when the page has time for it
  }
}
const keys = {
  j: () => step(1), k: () => step(-1), l: speak, e: () => all(true), x: () => all(false), 0: clear,
  o: () => now && ($(".more", now).open = !$(".more", now).open),
  c: () => { if (now) { $(".say", now).open = true; comment(now); $("textarea", now).focus(); } },
  "/": () => chosen.text.focus(), "?": () => $("#help").showModal(), p: () => print(),
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("#help").open) return;
  if (event.target.matches("input:not([type=checkbox]),textarea,select")) { if (event.key === "Escape") event.target.blur(); return; }
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
const press = (id, act) => $(id)?.addEventListener("click", act);
press("#switch", speak);
press("#keys", () => $("#help").showModal());
press("#close", () => $("#help").close());
press("#save", download);
press("#print", () => print());
press("#unfold", () => all(true));
press("#fold", () => all(false));
press("#clear", clear);
press("#agenda-all", () => agenda(true));

count();
filter();
try {
  packed = await unpack();
  $("#switch").hidden = false;
  if (kept("lang") && kept("lang") !== lang) speak();
  agenda(false);
  findings.filter((finding) => $(".more", finding).open).forEach(unfold);
} catch { $("#old-browser").hidden = false; }
document.documentElement.dataset.ready = "yes";
arrive();
})();
