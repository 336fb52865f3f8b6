import { defineCommand } from './command.ts';
import { SERVER_OPTIONS } from './server-options.ts';

export const password = defineCommand({
  name: 'password',
  summary: 'give a user a new one-time password, where nobody can sign in any more',
  usage: 'NAME',
  details:
    'Works on the data folder itself: the server has to be stopped. The sessions of the user end; it stands in the audit log.',
  options: SERVER_OPTIONS,
  run: async (args, context) => (await import('./run-password.ts')).runPassword(args, context),
});
