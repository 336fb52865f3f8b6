import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of these names that stands on PATH as a program. */
export function findProgram(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** A Chromium to test browsers with: `VESALIUS_CHROMIUM`, or one on PATH. */
export function findChromium(): string | undefined {
  return process.env.VESALIUS_CHROMIUM ?? findProgram(['chromium', 'chromium-browser', 'google-chrome']);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
