import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileErrorOf } from '@vesalius/bundle/files';
import { eventFileName, type Summary, writeEvent, writeFileHeader } from '@vesalius/engine';

export interface EventFile {
  readonly file: string;
  /** Each event goes out in one write. */
  write(step: number, summaries: readonly Summary[]): void;
  close(): void;
}

/**
 * Starts a new TensorBoard event file in a run's folder; TensorBoard joins it to those of the same run before it.
 *
 * @param restartStep - the step a run starts with, or goes on with from a checkpoint: TensorBoard then drops what earlier files
 *   hold of this step and later ones, which comes again
 * @throws DISK_FULL, WRITE_FAILED
 */
export function openEventFile(folder: string, restartStep?: number): EventFile {
  const seconds = () => Date.now() / 1000;
  const origin = { wallTimeSeconds: seconds(), host: hostname(), pid: process.pid };
  try {
    const file = join(folder, eventFileName(origin, readdirSync(folder)));
    const descriptor = openSync(file, 'wx');
    const append = (bytes: Uint8Array): void => {
      try {
        writeSync(descriptor, bytes);
      } catch (error) {
        throw fileErrorOf(error, file, true);
      }
    };
    try {
      append(writeFileHeader(origin.wallTimeSeconds));
      if (restartStep !== undefined)
        append(writeEvent({ wallTimeSeconds: seconds(), step: restartStep, summaries: [], restart: true }));
    } catch (error) {
      rmSync(file, { force: true });
      throw error;
    }
    return {
      file,
      write: (step, summaries) => append(writeEvent({ wallTimeSeconds: seconds(), step, summaries })),
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    throw fileErrorOf(error, folder, true);
  }
}
