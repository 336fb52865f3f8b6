import { fileURLToPath } from 'node:url';
import { pythonWithPeers } from '../../tools/python-env.ts';
import { type Clock, clockOf, type Times } from './alternate.ts';
import { LineProcess } from './line-process.ts';

/** `train` and `predict`: one program of each name on both sides. */
export type Task = 'train' | 'predict';

const path = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

export const startOurs = (task: Task): Promise<LineProcess> =>
  LineProcess.start(process.execPath, [path(`peers/${task}.ts`)]);

export const startTheirs = (task: Task): Promise<LineProcess> =>
  LineProcess.start(pythonWithPeers(), [path(`python/${task}.py`)]);

export interface ChooseOptions {
  /** Builds what is to be timed; `setting` is added. */
  readonly build: { readonly threads: number; readonly [name: string]: unknown };
  readonly settings: readonly string[];
  /** Timed once after one call to warm up. */
  readonly request: { readonly do: string; readonly [name: string]: unknown };
}

/** The peer's fastest setting, tried in a process of its own. */
export async function fastestSetting(
  theirs: LineProcess,
  { build, settings, request }: ChooseOptions,
): Promise<string> {
  const clock: Clock = clockOf(build.threads);
  let best = { setting: '', time: Infinity };
  for (const setting of settings) {
    await theirs.ask({ do: 'build', ...build, setting });
    await theirs.ask(request);
    const time = (await theirs.ask<Times>(request))[clock];
    if (time < best.time) best = { setting, time };
  }
  return best.setting;
}
