import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this person's settings and keys lie: `VESALIUS_CONFIG`, or the place the system has for such things. */
export function configFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { VESALIUS_CONFIG: chosen, XDG_CONFIG_HOME: xdg, APPDATA: roaming } = environment;
  return chosen || join((process.platform === 'win32' ? roaming : xdg) || join(homedir(), '.config'), 'vesalius');
}
