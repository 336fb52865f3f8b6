import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOnnx, readOnnx } from '@vesalius/engine';
import type { OpenBundle } from '../bundle/read-bundle.ts';

interface ProfileOptions {
  readonly threads: number;
  /** Of the window that the model predicts at once; default 3. */
  readonly runs?: number;
}

/** An event of onnxruntime's profile. */
interface OperationTime {
  readonly cat: string;
  /** Node and `_kernel_time`. */
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: { readonly op_name: string; readonly provider: string };
}

/**
 * The time of each operation of a bundle's model on this machine, over a few runs on an empty window.
 *
 * @returns of onnxruntime's events those of operations, as it writes them; nodes have the names that they have in the model
 * @throws RUNTIME_FAILED, OUT_OF_MEMORY
 */
export async function profileBundle(
  bundle: OpenBundle,
  { threads, runs = 3 }: ProfileOptions,
): Promise<readonly OperationTime[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vesalius-profile-'));
  try {
    const bytes = await bundle.readModel();
    const session = await openOnnx(bytes, { threads, profileTo: join(folder, 'profile') });
    const feeds = emptyFeeds(bundle, bytes);
    for (let run = 0; run < runs; run++) await session.run(feeds);
    await session.close();
    const [file = ''] = await readdir(folder);
    return operationsIn(JSON.parse(await readFile(join(folder, file), 'utf8')) as readonly OperationTime[]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function operationsIn(events: readonly OperationTime[]): readonly OperationTime[] {
  return events
    .filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'))
    .map(({ cat, name, dur, args }) => ({ cat, name, dur, args: { op_name: args.op_name, provider: args.provider } }));
}

function emptyFeeds({ manifest }: OpenBundle, bytes: Uint8Array) {
  const { channels, processing } = manifest;
  const window = [1, channels.length, ...processing.roiShape];
  const feeds = readOnnx(bytes).graph.inputs.map(({ name, shape }) => {
    const sizes = shape.map((size, axis) => (typeof size === 'number' ? size : (window[axis] ?? 1)));
    const count = sizes.reduce((product, size) => product * size, 1);
    return [name, { shape: sizes, dtype: 'float32', data: new Float32Array(count) }] as const;
  });
  return Object.fromEntries(feeds);
}
