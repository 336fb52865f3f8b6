import type { OptionRecord } from '../arguments/option.ts';

/** Where a server's data are and what it says. */
export const SERVER_OPTIONS = {
  data: { type: 'text', value: 'DIR', summary: 'data folder; ./vesalius-data without it' },
  settings: { type: 'text', value: 'FILE', summary: 'settings as JSON; VESALIUS_SETTINGS without it' },
  log: {
    ...{ type: 'text', value: 'LEVEL', summary: 'what is logged on stderr, as JSON lines' },
    ...{ choices: ['silent', 'error', 'warn', 'info', 'debug'] },
  },
} as const satisfies OptionRecord;
