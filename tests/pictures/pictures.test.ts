import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@vesalius/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLabelPicture } from '../../packages/cli/src/pictures/read-picture.ts';
import { runVesalius } from '../program/vesalius.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-pictures-'));
const SIDE = 24;
/** A coloured disc in the middle, 24 x 24, written by Pillow 12. */
const JPEG =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAYABgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD4UrVg8K61daYdSh0e/m04Kzm7jtXaIKudx3gYwMHJzxg0eFYLK68UaPDqRRdOkvIUuTI+xREXAfLZG0YzzkYr7qt7eKzt4oIIkggiUJHFGoVUUDAAA4AA7V89muavLnCMYXbPospylZipylOyX9fcfAFFdj8X9P03S/iRrlrpMcMVjHKoWO3OURyimRR6YcsNo6YxgYxRXuUairU41ErXSf3nh1qbo1JUm78ra+446ux0/wCL/jDS9Ej0m11yaKxjiMKKEQuiHPCyFd4wDgYPGBjGBRRRUo06ySqRTt3Vwp1qlFt0pON+zscdRRRWpif/2Q==';

const inDisc = (i: number, [x, y]: readonly [number, number]): boolean =>
  ((i % SIDE) - x) ** 2 + (Math.floor(i / SIDE) - y) ** 2 < 30;

async function writePicture(file: string, channels: 1 | 3, value: (i: number) => readonly number[]): Promise<void> {
  const data = Uint8Array.from(Array.from({ length: SIDE * SIDE }, (_, i) => value(i)).flat());
  writeFileSync(file, await encodePng({ width: SIDE, height: SIDE, channels, data }));
}

/** Discs in colour, one of them in a JPEG and one in a grey PNG, with masks of 0 and 255. */
async function writeDiscs(data: string): Promise<void> {
  for (const name of ['images', 'labels']) mkdirSync(join(data, name), { recursive: true });
  for (let n = 0; n < 6; n++) {
    const centre = n === 0 ? ([12, 12] as const) : ([7 + 2 * n, 17 - 2 * n] as const);
    const noise = (i: number) => 40 + ((i * 40503 + n * 7919) % 20);
    await writePicture(join(data, `labels/p${n}.png`), 1, (i) => [inDisc(i, centre) ? 255 : 0]);
    if (n === 0) writeFileSync(join(data, 'images/p0.jpg'), Buffer.from(JPEG, 'base64'));
    else if (n === 1) await writePicture(join(data, 'images/p1.png'), 1, (i) => [inDisc(i, centre) ? 200 : noise(i)]);
    else
      await writePicture(join(data, `images/p${n}.png`), 3, (i) =>
        inDisc(i, centre) ? [200, 120, 60] : [noise(i), noise(i + 1), noise(i + 2)],
      );
  }
}

async function succeed(...line: string[]): Promise<string> {
  const { status, stdout, stderr } = await runVesalius(line, { cwd: folder });
  expect(status, stderr).toBe(0);
  return stdout;
}

beforeAll(() => writeDiscs(join(folder, 'data')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('plans for pictures: two dimensions, colours as channels, the mask as a class', async () => {
  const plan = JSON.parse(await succeed('plan', 'data', '--json'));
  expect(plan.spatialDimensions.value).toBe(2);
  expect(plan.network.value).toMatchObject({ inChannels: 3, outChannels: 2 });
  expect(plan.classes.map(({ value }: { value: number }) => value)).toEqual([0, 255]);
});

test('trains on pictures, writes PNG label maps of their names and sizes, and measures them', async () => {
  await succeed('train', 'data', '--steps', '200', '--out', 'bundle', '--validation', 'last:1');
  await succeed('predict', 'bundle', 'data/images', 'out');
  expect(readdirSync(join(folder, 'out'))).toEqual([0, 1, 2, 3, 4, 5].map((n) => `p${n}.png`));
  for (const name of readdirSync(join(folder, 'out'))) {
    const { size, voxels } = await readLabelPicture(readFileSync(join(folder, 'out', name)), name);
    expect(size).toEqual([SIDE, SIDE, 1]);
    expect([0, 255]).toEqual(expect.arrayContaining([...new Set(voxels as Uint8Array)]));
  }
  const { metrics } = JSON.parse(await succeed('evaluate', 'bundle', 'data', '--json'));
  expect(metrics[0]).toMatchObject({ name: 'dice', cases: 6 });
  expect(metrics[0].estimate).toBeGreaterThan(0.8);
});

test('shows what the gates of a TransUNet++ weighed on each picture', async () => {
  await succeed(
    'train',
    'data',
    '--network',
    'trans-unet-plus-plus',
    '--steps',
    '3',
    '--out',
    'gated',
    '--validation',
    'last:1',
  );
  await succeed('predict', 'gated', 'data/images', 'gated.out', '--explain', 'gates');
  expect(readdirSync(join(folder, 'gates'))).toEqual([0, 1, 2, 3, 4, 5].map((n) => `p${n}`));
  const found = JSON.parse(readFileSync(join(folder, 'gates/p0/gates.json'), 'utf8'));
  expect(found.scan).toBe('p0.png');
  expect(found.nodes.length).toBeGreaterThan(0);
  for (const { node, places, transformerShare, channelWeights } of found.nodes) {
    const { size, voxels } = await readLabelPicture(readFileSync(join(folder, 'gates/p0', places)), places);
    expect(size).toEqual([SIDE, SIDE, 1]);
    const mean = Array.from(voxels, Number).reduce((sum, value) => sum + value, 0) / voxels.length / 255;
    expect(mean, node).toBeCloseTo(transformerShare, 1);
    expect(channelWeights.every((weight: number) => weight >= 0 && weight <= 1)).toBe(true);
  }
  const plain = await runVesalius(['predict', 'bundle', 'data/images', 'out', '--explain', 'never'], { cwd: folder });
  expect(plain.stderr).toContain('FILE_UNSUPPORTED: explanation of a network, got UNet');
});

test('refuses pictures whose label maps would have one name, and masks in colour', async () => {
  const two = join(folder, 'two');
  mkdirSync(two);
  for (const [from, to] of [
    ['p0.jpg', 'a.jpg'],
    ['p2.png', 'a.png'],
  ] as const)
    copyFileSync(join(folder, 'data/images', from), join(two, to));
  const clash = await runVesalius(['predict', 'bundle', 'two', 'never'], { cwd: folder });
  expect(clash.stderr.trimEnd().split('\n').at(-1)).toBe('DATA_MISMATCH: scans whose label map is, got a.png');
  copyFileSync(join(folder, 'data/images/p2.png'), join(folder, 'data/labels/p2.png'));
  const coloured = await runVesalius(['plan', 'data'], { cwd: folder });
  expect(coloured.stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^FILE_UNSUPPORTED: label map, got colours, expected grey/,
  );
  expect(coloured.status).toBe(3);
});

test.skipIf(!process.env.VESALIUS_DATA)('trains on real dermoscopy pictures', async () => {
  const from = join(process.env.VESALIUS_DATA ?? '', 'isic2017_skin');
  for (const name of ['images', 'masks']) {
    mkdirSync(join(folder, 'skin', name), { recursive: true });
    for (const file of readdirSync(join(from, name)).slice(0, 8))
      copyFileSync(join(from, name, file), join(folder, 'skin', name, file));
  }
  await succeed('train', 'skin', '--steps', '4', '--out', 'skin.bundle', '--validation', 'last:2');
  await succeed('predict', 'skin.bundle', 'skin/images', 'skin.out');
  expect(readdirSync(join(folder, 'skin.out'))).toHaveLength(8);
});
