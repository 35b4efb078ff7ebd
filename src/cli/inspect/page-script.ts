// The script of the page that shows what happens inside of a model. Runs in a browser, on the data that lies in the page.

export const pageScript = `
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const { tokens, views } = data;
const at = (id) => document.getElementById(id);
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
for (const view of views) view.planes = view.planes.map(bytes);
const valueAt = (view, plane, row, column) =>
  view.low + ((view.high - view.low) * view.planes[plane][row * view.columns + column]) / 255;
const visible = (text) => text === '' ? '\\u00b7' : text.replace(/\\n/g, '\\u21b5').replace(/\\t/g, '\\u21e5').replace(/^ +$/, (s) => '\\u2423'.repeat(s.length));
const short = (number) => Math.abs(number) >= 100 ? number.toFixed(0) : number.toPrecision(2);

// Text: the background is surprise, the line below is what the chosen token looked at.
const spans = tokens.map((token, place) => {
  const span = make('span', 'token');
  const [before, ...rest] = token.text.split('\\n');
  span.append(before === '' && rest.length === 0 ? make('span', 'sign', '\\u00b7') : before);
  for (const line of rest) span.append(make('span', 'sign', '\\u21b5'), '\\n', line);
  span.tabIndex = 0;
  span.setAttribute('role', 'button');
  if (token.surprise !== null) {
    const heat = Math.min(1, token.surprise / data.hottest);
    span.style.backgroundColor = 'color-mix(in srgb, var(--hot) ' + (65 * heat).toFixed(0) + '%, transparent)';
    span.title = token.surprise.toFixed(2) + ' nats';
  }
  span.addEventListener('click', () => choose(place));
  at('text').append(span);
  return span;
});

const looks = views.filter((view) => view.looks);
const lookers = looks.flatMap((view) => [
  { name: view.label + (view.planes.length > 1 ? ', mean of heads' : ''), view, planes: view.planes.map((_, i) => i) },
  ...(view.planes.length > 1 ? view.planes.map((_, i) => ({ name: view.label + ', head ' + i, view, planes: [i] })) : []),
]);
const select = at('looker');
for (const [i, looker] of lookers.entries()) select.append(new Option(looker.name, String(i)));
if (lookers.length === 0) at('looking').style.display = 'none';
select.addEventListener('change', () => choose(chosen));

const weightsOf = ({ view, planes }, place) =>
  tokens.map((_, key) => planes.reduce((sum, plane) => sum + valueAt(view, plane, place, key), 0) / planes.length);

let chosen = Math.max(0, tokens.findIndex((token) => token.surprise === data.highest));
function choose(place) {
  chosen = place;
  spans.forEach((span, i) => span.classList.toggle('chosen', i === place));
  const looker = lookers[Number(select.value)];
  const weights = looker === undefined ? [] : weightsOf(looker, place);
  const most = Math.max(...weights, 1e-9);
  spans.forEach((span, i) => {
    const share = looker === undefined ? 0 : weights[i] / most;
    span.style.borderBottomColor =
      share < 0.08 ? 'transparent' : 'color-mix(in srgb, var(--cool) ' + (100 * share).toFixed(0) + '%, transparent)';
  });
  showDetail(place);
  markMaps(place);
}

function bar(word, share, number) {
  const row = make('div', 'bar');
  const track = make('div', 'track');
  const fill = make('div', 'fill');
  fill.style.width = (100 * Math.min(1, share)).toFixed(1) + '%';
  track.append(fill);
  row.append(make('span', 'word', visible(word)), track, make('span', 'number', number));
  return row;
}

function showDetail(place) {
  const token = tokens[place];
  const panel = at('detail');
  panel.replaceChildren(make('div', 'name', visible(token.text)), make('p', 'note', 'token ' + (place + 1) + ' of ' + tokens.length + ', id ' + token.id));
  if (token.surprise === null) panel.append(make('p', 'note', 'Nothing precedes it, so nothing was expected.'));
  else {
    panel.append(make('p', 'note', 'surprise ' + token.surprise.toFixed(3) + ' nats, probability ' + (100 * Math.exp(-token.surprise)).toPrecision(3) + ' %'));
    panel.append(make('h3', '', 'What the model expected here'));
    for (const guess of token.guesses) panel.append(bar(guess.text, guess.probability, (100 * guess.probability).toFixed(1) + ' %'));
  }
  for (const view of looks) {
    panel.append(make('h3', '', view.label));
    view.planes.forEach((_, plane) => panel.append(headRow(view, plane, place)));
  }
}

/** The tokens that a head looked at most, as buttons that lead there. */
function headRow(view, plane, place) {
  const row = make('div', 'head');
  if (view.planes.length > 1) row.append(make('span', 'faint', 'head ' + plane));
  const ranked = weightsOf({ view, planes: [plane] }, place).map((weight, key) => ({ weight, key }))
    .filter(({ weight }) => weight > (view.kind === 'fetched' ? 0 : 0.02)).sort((a, b) => b.weight - a.weight).slice(0, view.kind === 'fetched' ? 8 : 4);
  for (const { weight, key } of ranked) {
    const chip = make('button', 'chip', visible(tokens[key].text) + ' ');
    chip.append(make('small', '', view.kind === 'fetched' ? '#' + (key + 1) : (100 * weight).toFixed(0) + ' %'));
    chip.title = 'token ' + (key + 1);
    chip.style.backgroundColor = 'color-mix(in srgb, var(--cool) ' + (10 + 60 * weight).toFixed(0) + '%, transparent)';
    chip.addEventListener('click', () => choose(key));
    row.append(chip);
  }
  if (ranked.length === 0) row.append(make('span', 'faint', view.kind === 'fetched' ? 'nothing yet' : 'everything a little'));
  return row;
}

// Maps: one canvas for each head, one for each gate; the chosen token is a line.
const marks = [];
const style = (name) => {
  const probe = make('span');
  probe.style.color = 'var(' + name + ')';
  document.body.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
  probe.remove();
  return parts;
};
const painters = [];
function paint() {
  const palette = { zero: style('--zero'), cool: style('--cool'), hot: style('--hot') };
  for (const painter of painters) painter(palette);
  const keys = { heat: '--hot', look: '--cool' };
  for (const [id, name] of Object.entries(keys))
    for (const key of document.querySelectorAll('.key.' + id)) key.style.background = 'linear-gradient(90deg, var(--zero), var(' + name + '))';
}

function addMap(box, view, plane, caption) {
  const isGate = view.kind === 'activations';
  const isWide = !view.looks; // Tokens from left to right: a map as high as the text is long would be a tower.
  const [width, height] = isWide ? [view.rows, view.columns] : [view.columns, view.rows];
  const figure = make('figure', isWide ? 'wide' : '');
  const canvas = make('canvas');
  canvas.width = width;
  canvas.height = height;
  if (isWide) canvas.style.height = Math.max(28, Math.min(220, 4 * height)) + 'px';
  else canvas.style.aspectRatio = width + ' / ' + height;
  const holder = make('div', 'map');
  const mark = make('div', 'here');
  holder.append(canvas, mark);
  figure.append(make('figcaption', '', caption), holder);
  box.append(figure);
  const cell = (x, y) => isWide ? [x, y] : [y, x];
  painters.push(({ zero, cool, hot }) => {
    const image = new ImageData(width, height);
    const reach = Math.max(Math.abs(view.low), Math.abs(view.high)) || 1;
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
      const value = valueAt(view, plane, ...cell(x, y)) / reach;
      const share = isGate ? Math.abs(value) : Math.sqrt(Math.max(0, value));
      const ink = value < 0 ? hot : cool;
      for (let c = 0; c < 3; c++) image.data[4 * (y * width + x) + c] = zero[c] + (ink[c] - zero[c]) * share;
      image.data[4 * (y * width + x) + 3] = 255;
    }
    canvas.getContext('2d').putImageData(image, 0, 0);
  });
  marks.push((place) => {
    const share = 100 / (isWide ? width : height);
    Object.assign(mark.style, isWide
      ? { display: 'block', left: (place + 0.5) * share + '%', top: 0, bottom: 0, width: '2px' }
      : { display: 'block', top: (place + 0.5) * share + '%', left: 0, right: 0, height: '2px' });
  });
  const place = (event) => {
    const area = canvas.getBoundingClientRect();
    const x = Math.min(width - 1, Math.floor((width * (event.clientX - area.left)) / area.width));
    const y = Math.min(height - 1, Math.floor((height * (event.clientY - area.top)) / area.height));
    return cell(Math.max(0, x), Math.max(0, y));
  };
  canvas.addEventListener('click', (event) => choose(place(event)[0]));
  canvas.addEventListener('mousemove', (event) => {
    const [row, column] = place(event);
    const own = '\\u201c' + visible(tokens[row].text) + '\\u201d #' + (row + 1);
    const other = view.looks ? ' \\u2192 \\u201c' + visible(tokens[column].text) + '\\u201d #' + (column + 1) : (view.kind === 'activations' ? ', channel ' : ', place ') + column;
    const tip = at('tip');
    tip.textContent = own + other + ': ' + short(valueAt(view, plane, row, column));
    Object.assign(tip.style, { display: 'block', left: Math.min(event.clientX + 14, innerWidth - 260) + 'px', top: event.clientY + 16 + 'px' });
  });
  canvas.addEventListener('mouseleave', () => (at('tip').style.display = 'none'));
}

function markMaps(place) {
  for (const mark of marks) mark(place);
}

for (const view of views) {
  const isGate = view.kind === 'activations';
  const section = make('section');
  section.append(make('h2', '', view.label));
  section.append(make('p', 'note', isGate
    ? 'Each column is a token, each row one of ' + view.columns + ' channels; from ' + short(view.low) + ' to ' + short(view.high) + '.'
    : view.looks
      ? 'Each row is a token that looks, each column one that is looked at; the bluer, the more.'
      : 'Each column is a token that looks, each row one of ' + view.columns + ' places in memory.'));
  const box = make('div', 'maps');
  section.append(box);
  at('views').append(section);
  view.planes.forEach((_, plane) => addMap(box, view, plane, isGate || view.planes.length === 1 ? '' : 'head ' + plane));
}

document.addEventListener('keydown', (event) => {
  if (event.target instanceof HTMLSelectElement) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if ((event.key === 'Enter' || event.key === ' ') && spans.includes(event.target)) choose(spans.indexOf(event.target));
  else if (step !== undefined) choose(Math.min(tokens.length - 1, Math.max(0, chosen + step)));
  else return;
  event.preventDefault();
  spans[chosen].scrollIntoView({ block: 'nearest' });
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
paint();
choose(chosen);
`;
