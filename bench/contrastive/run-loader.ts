// Packs the films of a folder and reads batches of views from them; says how fast, and the most memory it held.
import { join } from 'node:path';
import { Random } from '@vesalius/engine';
import { drawViews } from '@vesalius/methods';
import { packFilms } from '../../packages/cli/src/pretraining/pack-films.ts';

const SIZE = 64;
const BATCH = 32;
const BATCHES = 60;
const [folder = ''] = process.argv.slice(2);

let began = performance.now();
const packed = await packFilms(join(folder, 'films'), join(folder, 'packed'), { side: 80 });
const { names } = packed;
const packedPerSecond = names.length / ((performance.now() - began) / 1000);
began = performance.now();
for (let step = 0; step < BATCHES; step++) {
  const random = new Random(0).fork(step);
  const chosen = Array.from({ length: BATCH }, () => random.integer(names.length));
  const films = await packed.read(chosen);
  drawViews(
    films,
    chosen.map((_, i) => i),
    random,
    { batchSize: BATCH, size: SIZE },
  );
}
const filmsPerSecond = (BATCHES * BATCH) / ((performance.now() - began) / 1000);
await packed.close();
console.log(JSON.stringify({ packedPerSecond, filmsPerSecond, memoryMB: process.resourceUsage().maxRSS / 1024 }));
