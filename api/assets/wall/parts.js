'use strict';

// The parts of the wall. Whatever comes from a record is put in as text, never as markup.

const lang = document.documentElement.lang;

function el(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const number = (value) => Number(value).toLocaleString(lang);

// The time of the city, UTC+8 without summer time.
const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'medium',
});
const at = (time) => clock.format(new Date(time));
const hour = (time) => at(time).slice(11);

const label = (value) => value.label[lang];

// A digest in groups, so that people can compare it by eye.
function digest(text, known = text.length) {
  const made = el('code', 'digest');
  for (let start = 0; start < text.length; start += 8) {
    const group = text.slice(start, start + 8);
    const shown = Math.max(0, Math.min(8, known - start));
    made.append(el('span', '', group.slice(0, shown) + '·'.repeat(group.length - shown)));
  }
  return made;
}

function fact(name, ...value) {
  return el('div', 'fact', el('dt', '', name), el('dd', '', ...value));
}

function pools(data) {
  return el('div', 'pools', ...data.pools.map((pool) => el('article', 'pool',
    el('h3', '', label(pool)),
    el('div', 'figures',
      figure(pool.applicants, words.applicants),
      figure(pool.tickets, words.tickets),
      figure(pool.quota, words.quota),
      figure(pool.reserve, words.reserve)),
    el('p', 'under', `${words.pool} SHA-256`), digest(pool.sha256))));
}

function figure(value, name) {
  return el('div', 'figure', el('b', '', number(value)), el('small', '', name));
}

const CONTRIBUTIONS_SHOWN = 4;

function contributions(data) {
  const all = data.contributions.map((it) => el('li', `contribution ${it.state}`,
    el('div', 'line', el('b', '', it.name), el('i', '', words.states[it.state])),
    digest(it.commitment)));
  const open = data.openValues.map((it) => el('li', 'contribution OPEN',
    el('div', 'line', el('b', '', it.label), el('i', '', it.value ?? words.notYet))));
  const listed = all.concat(open);
  if (listed.length === 0) listed.push(el('li', '', words.none));
  if (listed.length > CONTRIBUTIONS_SHOWN) {
    const rest = listed.length - CONTRIBUTIONS_SHOWN + 1;
    listed.splice(CONTRIBUTIONS_SHOWN - 1, rest, el('li', 'under', words.more(rest)));
  }
  return el('section', '', el('h2', '', words.contributions), el('ul', '', ...listed));
}

function witnesses(data) {
  const seen = data.records.map((record) => el('li', 'seen',
    el('div', 'line', el('b', '', words.kinds[record.kind]),
      el('i', '', record.cosignedAt ? hour(record.cosignedAt) : words.unwitnessed)),
    el('p', 'under', record.cosignatures
      .map((it) => `${it.witness} ${hour(it.at)}`).join('  ')),
    digest(record.hash)));
  return el('section', '', el('h2', '', words.witnessed), el('ul', '', ...seen));
}

function results(data) {
  return el('dl', 'results',
    ...data.outcomes.map((it) => fact(words.resultFile(label(it)), digest(it.sha256))));
}

function winners(data, count) {
  let left = count;
  return data.outcomes.map((outcome) => {
    const places = outcome.winnerPlaces.slice(0, Math.max(0, left));
    left -= places.length;
    const listed = places.map((place) => el('li', '',
      el('small', '', String(place.rank)), el('code', '', place.code)));
    const isCut = outcome.winnerPlaces.length < outcome.winners;
    return el('article', 'winners',
      el('h3', '', words.winners(label(outcome), number(outcome.winners), number(outcome.reserves))),
      isCut ? el('p', 'under',
        words.firstOf(number(outcome.winnerPlaces.length), number(outcome.winners))) : null,
      outcome.winners === 0 ? el('p', '', words.nobody) : el('ol', '', ...listed));
  });
}
