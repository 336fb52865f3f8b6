/** Colours of folders: apart for the colour-blind, on dark ground. */
const COLOURS = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#d55e00', '#999999'];

export const EMBEDDING_STYLE = `
body { background: #14171a; color: #e8eaed; font: 16px/1.5 system-ui, sans-serif; margin: 1rem 2rem; }
main { display: flex; flex-wrap: wrap; gap: 2rem; } section { flex: 1 1 30rem; min-width: 0; max-width: 46rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: .5rem 0; }
canvas { background: #000; max-width: 100%; } select { font: inherit; max-width: 16rem; }
figure { display: inline-block; margin: 0 .5rem .5rem 0; width: 110px; font-size: .7rem; overflow-wrap: anywhere; }
figure img { width: 110px; display: block; } .key { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 1rem; }
`;

/** What the page does: it reads its data from the document and asks nothing of the network. */
export const EMBEDDING_SCRIPT = `
const data = JSON.parse(document.getElementById('data').textContent);
const COLOURS = ${JSON.stringify(COLOURS)};
const folders = [...new Set(data.folders)];
const colour = (i) => COLOURS[folders.indexOf(data.folders[i]) % COLOURS.length];
const byId = (id) => document.getElementById(id);
const plane = byId('plane'), context = plane.getContext('2d');
const reach = Math.max(...data.points.map(Math.abs)) || 1;
const at = (i) => [0, 1].map((a) => 360 + 340 * data.points[2 * i + a] / reach);
let chosen = 0;
function draw() {
  context.clearRect(0, 0, 720, 720);
  data.names.forEach((_, i) => {
    const [x, y] = at(i), own = i === chosen, near = data.neighbours[chosen].includes(i);
    context.fillStyle = colour(i);
    context.beginPath(); context.arc(x, y, own ? 9 : near ? 6 : 4, 0, 7); context.fill();
    if (own || near) { context.strokeStyle = '#fff'; context.lineWidth = 2; context.stroke(); }
  });
  byId('neighbours').replaceChildren(...[chosen, ...data.neighbours[chosen]].map((i) => {
    const figure = document.createElement('figure'), image = new Image(), text = document.createElement('figcaption');
    image.src = data.pictures[i]; image.alt = ''; text.textContent = (i === chosen ? 'chosen: ' : '') + data.names[i];
    figure.append(image, text); return figure;
  }));
}
plane.addEventListener('click', ({ offsetX, offsetY }) => {
  const scale = 720 / plane.clientWidth;
  const distance = (i) => Math.hypot(...at(i).map((v, a) => v - scale * [offsetX, offsetY][a]));
  chosen = data.names.map((_, i) => i).sort((a, b) => distance(a) - distance(b))[0]; draw();
});
plane.addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault(); chosen = (chosen + step + data.names.length) % data.names.length; draw();
});
for (const folder of folders) {
  const key = document.createElement('span'); key.className = 'key'; key.style.background = COLOURS[folders.indexOf(folder) % COLOURS.length];
  byId('legend').append(key, folder || 'films');
}
const grids = data.places.map((text) => Int8Array.from(atob(text), (c) => c.charCodeAt(0)));
const images = data.places.map((_, i) => { const image = new Image(); image.src = data.pictures[i]; return image; });
for (const [k, id] of ['left', 'right'].entries()) {
  byId(id).append(...grids.map((_, i) => new Option(data.names[i], i)));
  byId(id).selectedIndex = Math.min(k, grids.length - 1);
  byId(id).addEventListener('change', () => show());
}
let place = [0.35, 0.45];
function show() {
  if (grids.length === 0) return;
  const [a, b] = ['left', 'right'].map((id) => Number(byId(id).value));
  const wide = data.wide, channels = grids[a].length / (wide * wide);
  const cell = Math.min(wide - 1, Math.floor(place[1] * wide)) * wide + Math.min(wide - 1, Math.floor(place[0] * wide));
  const like = Array.from({ length: wide * wide }, (_, i) => {
    let sum = 0; for (let c = 0; c < channels; c++) sum += grids[a][cell * channels + c] * grids[b][i * channels + c];
    return sum / 16129;
  });
  const best = like.indexOf(Math.max(...like)), low = Math.min(...like), step = 320 / wide;
  const paint = (id, image, mark, heat) => {
    const c = byId(id).getContext('2d'); c.drawImage(image, 0, 0, 320, 320);
    heat?.forEach((v, i) => {
      c.fillStyle = 'rgba(230,159,0,' + 0.6 * ((v - low) / (like[best] - low || 1)) ** 3 + ')';
      c.fillRect((i % wide) * step, Math.floor(i / wide) * step, step, step);
    });
    c.strokeStyle = '#56b4e9'; c.lineWidth = 3; c.beginPath(); c.arc(320 * mark[0], 320 * mark[1], 8, 0, 7); c.stroke();
  };
  paint('one', images[a], place);
  paint('other', images[b], [(best % wide + 0.5) / wide, (Math.floor(best / wide) + 0.5) / wide], like);
}
byId('one').addEventListener('pointermove', (event) => { place = [event.offsetX / byId('one').clientWidth, event.offsetY / byId('one').clientHeight]; show(); });
Promise.all(images.map((image) => image.decode())).then(show);
draw();
`;
