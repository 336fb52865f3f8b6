import { encodePng } from '@vesalius/engine';
import { type Films, type PlaceGrid, tSne } from '@vesalius/methods';
import { EMBEDDING_SCRIPT, EMBEDDING_STYLE } from './embedding-script.ts';

export interface EmbeddingPage {
  readonly title: string;
  readonly names: readonly string[];
  readonly films: Films;
  /** One a film. */
  readonly vectors: readonly Float32Array[];
  /** Of the first films, as many as there are. */
  readonly places: readonly PlaceGrid[];
}

const NEIGHBOURS = 8;

/**
 * A page that stands alone: the films in the plane (t-SNE), each with its nearest neighbours, and two films side by side in which a pointed
 * place of the one is shown in the other. Colours go by the folder a film lies in.
 */
export async function embeddingPage({ title, names, films, vectors, places }: EmbeddingPage): Promise<string> {
  const points = tSne(vectors);
  const data = {
    names,
    folders: names.map((name) => name.split(/[\\/]/).slice(0, -1).join('/')),
    points: [...points].map((value) => Number(value.toFixed(3))),
    neighbours: neighboursOf(vectors),
    pictures: await Promise.all(names.map((_, i) => pictureOf(films, i))),
    wide: places[0]?.wide ?? 0,
    places: places.map(({ features }) => base64(Int8Array.from(features, (value) => Math.round(127 * value)))),
  };
  const text = JSON.stringify(data).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>${EMBEDDING_STYLE}</style>
<h1>${escapeHtml(title)}</h1>
<main>
<section><h2>Films in the plane</h2><canvas id="plane" width="720" height="720" tabindex="0" aria-label="Films in the plane; arrow keys go through them"></canvas><p id="legend"></p></section>
<section><h2>Nearest neighbours</h2><div id="neighbours" aria-live="polite"></div>
<h2>The same place</h2><p>Point at a place of the left film: the right one shows how like each of its places is.</p>
<p><label>Left <select id="left"></select></label> <label>Right <select id="right"></select></label></p>
<canvas id="one" width="320" height="320"></canvas> <canvas id="other" width="320" height="320"></canvas></section>
</main>
<script type="application/json" id="data">${text}</script>
<script>${EMBEDDING_SCRIPT}</script>
</html>
`;
}

function neighboursOf(vectors: readonly Float32Array[]): number[][] {
  const unit = vectors.map((row) => {
    const length = Math.hypot(...row) || 1;
    return row.map((value) => value / length);
  });
  return unit.map((row, i) => {
    const likeness = unit.map(
      (other, j) => [other.reduce((sum, value, k) => sum + value * (row[k] as number), 0), j] as const,
    );
    const nearest = likeness.filter(([, j]) => j !== i).sort(([a], [b]) => b - a);
    return nearest.slice(0, NEIGHBOURS).map(([, j]) => j);
  });
}

async function pictureOf({ pixels, side }: Films, film: number): Promise<string> {
  const grey = pixels.subarray(film * side * side, (film + 1) * side * side);
  return `data:image/png;base64,${base64(await encodePng({ width: side, height: side, channels: 1, data: grey }))}`;
}

const base64 = (bytes: Uint8Array | Int8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
