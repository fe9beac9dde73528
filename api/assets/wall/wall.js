'use strict';

// The wall of one draw: asks the server what is public of it, and shows that.

const draw = decodeURIComponent(location.pathname.split('/')[2]);
const POLL_MS = 2000;
const SIGNATURE_MS = 4000;
const SEED_MS = 4000;
const WINNERS_MS = 60000;
const REPAINT_MS = 100;
const PIXELS_PER_SECOND = 45;

let data = null;
// How far the server's clock is ahead of this machine's, in milliseconds.
let ahead = 0;
// When the result was first seen while it was waited for; nothing where it was there already.
let revealing = null;
// What is on the wall: what was public, and how it was shown.
let version = '';
let shown = '';
let repaintAt = 0;

const byId = (id) => document.getElementById(id);
const now = () => Date.now() + ahead;

async function look() {
  const asked = Date.now();
  const response = await fetch(`/draw/${encodeURIComponent(draw)}/wall.json`, { cache: 'no-store' });
  if (response.status === 404) {
    byId('news').textContent = words.missing;
    return;
  }
  if (!response.ok) throw new Error(String(response.status));
  const next = await response.json();
  ahead = Date.parse(next.now) - (asked + Date.now()) / 2;
  if (data && data.phase !== 'FINISHED' && next.phase === 'FINISHED') revealing = Date.now();
  data = next;
  version = JSON.stringify({ ...data, now: null });
  byId('news').textContent = '';
  paint();
}

async function watch() {
  try {
    await look();
  } catch {
    byId('news').textContent = words.lost;
  }
  const isOver = data && (data.phase === 'FINISHED' || data.phase === 'VOIDED');
  setTimeout(watch, isOver ? 15 * POLL_MS : POLL_MS);
}

// What is counted down to, and what stands under it.
function target() {
  const closes = Date.parse(data.closesAt);
  const round = Date.parse(data.beacon.at);
  if (data.phase === 'ANNOUNCED' && now() < closes) return { at: closes, name: words.untilCloses };
  if (now() < round) return { at: round, name: words.untilRound(data.beacon.round) };
  return null;
}

function countdown(until) {
  const seconds = Math.max(0, Math.ceil((until - now()) / 1000));
  const two = (value) => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86400);
  const rest = [seconds % 86400 / 3600, seconds % 3600 / 60, seconds % 60].map(Math.floor);
  return (days > 0 ? `${words.days(days)} ` : '') + rest.map(two).join(':');
}

function mode() {
  if (data.phase === 'ANNOUNCED' || data.phase === 'CLOSED') {
    const next = target();
    return next ? `WAITING ${next.name}` : 'DUE';
  }
  if (data.phase === 'FINISHED') return revealing === null ? 'FINISHED' : 'REVEALING';
  return data.phase;
}

function stage() {
  switch (mode()) {
    case 'FROZEN':
      return [el('p', 'big', words.frozen), el('p', 'sub', words.frozenAt(at(data.frozenAt))),
        el('p', 'note', words.frozenNote)];
    case 'VOIDED':
      return [el('p', 'big', words.voided), el('p', 'sub', data.void.reason),
        el('p', 'note', words.voidedNote)];
    case 'DUE':
      return [el('p', 'big', words.due(data.beacon.round)), el('div', 'pulse', el('span', '')),
        el('p', 'note', words.dueNote), pools(data)];
    case 'FINISHED':
    case 'REVEALING':
      return finished(revealing === null ? Infinity : Date.now() - revealing);
    default:
      return waiting();
  }
}

function waiting() {
  const next = target();
  const late = data.phase === 'ANNOUNCED' && Date.parse(data.closesAt) <= now();
  const text = countdown(next.at);
  const digits = el('p', text.length > 8 ? 'countdown long' : 'countdown', text);
  digits.id = 'countdown';
  return [el('p', 'name', next.name), digits,
    el('p', 'sub', late ? words.overdue : words.closesAt(at(data.closesAt)), ' · ',
      words.roundAt(data.beacon.round, at(data.beacon.at))),
    pools(data)];
}

function finished(elapsed) {
  const { signature } = data.beacon;
  const share = (from, length) => Math.max(0, Math.min(1, (elapsed - from) / length));
  const known = (text, from, length) => Math.floor(text.length * share(from, length));
  const after = SIGNATURE_MS + SEED_MS;
  const all = data.outcomes.reduce((sum, it) => sum + it.winnerPlaces.length, 0);
  const told = Math.ceil(all * share(after, Math.min(WINNERS_MS, all * 400)));
  const value = [fact(words.beacon(data.beacon.round),
    digest(signature, known(signature, 0, SIGNATURE_MS)))];
  if (SIGNATURE_MS <= elapsed) {
    value.push(fact(words.seed, digest(data.seed, known(data.seed, SIGNATURE_MS, SEED_MS))));
  }
  const parts = [el('dl', 'value', ...value)];
  if (after <= elapsed) {
    const roll = el('div', 'roll', el('div', 'rolled', ...winners(data, told)));
    parts.push(roll, results(data));
  }
  if (after + Math.min(WINNERS_MS, all * 400) <= elapsed) revealing = null;
  return parts;
}

function paint() {
  const state = mode();
  if (state === 'REVEALING' ? now() < repaintAt : shown === state + version) return;
  if (!shown.endsWith(version)) frame();
  shown = state + version;
  repaintAt = now() + REPAINT_MS;
  byId('stage').replaceChildren(...stage());
  [byId('stage').className] = state.split(' ');
  const roll = document.querySelector('.REVEALING .roll');
  if (roll) roll.scrollTop = roll.scrollHeight;
}

function frame() {
  document.title = `${words.title(data)} · ${data.city[lang]}`;
  document.body.dataset.phase = data.phase;
  byId('rehearsal').textContent = data.isRehearsal ? words.rehearsal : '';
  byId('programme').textContent = data.programme[lang];
  byId('title').textContent = words.title(data);
  const order = ['FROZEN', 'ANNOUNCED', 'CLOSED', 'FINISHED'];
  if (data.phase === 'VOIDED') order.splice(data.records.length, 4, 'VOIDED');
  const reached = order.indexOf(data.phase);
  byId('steps').replaceChildren(...order.map((step, index) => el('li',
    index < reached ? 'done' : index === reached ? 'here' : '', words.steps[step])));
  const evidence = data.records.length > 0 ? [contributions(data), witnesses(data)] : [];
  byId('evidence').replaceChildren(...evidence);
  byId('origin').textContent = `${words.origin} ${data.origin} · ${words.draw} ${data.draw}`;
  const { checkpoint } = data;
  byId('checkpoint').textContent = checkpoint
    ? `${words.head(checkpoint.size)} · ${checkpoint.note.split('\n')[2]}` : '';
  byId('check').replaceChildren(`${words.check}: `,
    el('code', '', `fairplate-verifier draw ${data.draw}.tar`));
}

// What is long rolls by, and begins again.
let rolledAt = 0;
let rolled = 0;
function tick(time) {
  if (data) {
    const digits = byId('countdown');
    const next = digits && target();
    if (next) digits.textContent = countdown(next.at);
    paint();
    const roll = document.querySelector('.FINISHED .roll');
    const spare = roll ? roll.scrollHeight - roll.clientHeight : 0;
    if (spare > 4) {
      rolled += (Math.min(200, time - rolledAt) / 1000) * PIXELS_PER_SECOND;
      // A moment of rest at both ends.
      const rest = 3 * PIXELS_PER_SECOND;
      if (spare + 2 * rest < rolled) rolled = 0;
      roll.scrollTop = Math.max(0, Math.min(spare, rolled - rest));
    }
  }
  rolledAt = time;
  requestAnimationFrame(tick);
}

watch();
requestAnimationFrame(tick);
