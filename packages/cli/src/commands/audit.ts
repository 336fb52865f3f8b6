import { defineCommand } from './command.ts';
import { SERVER_OPTIONS } from './server-options.ts';

export const audit = defineCommand({
  name: 'audit',
  summary: 'check that nobody changed the audit log: audit verify',
  usage: 'verify',
  details: 'Computes the chain of hashes again; ends with HASH_MISMATCH and the first event that does not fit.',
  options: SERVER_OPTIONS,
  run: async (args, context) => (await import('./run-audit.ts')).runAudit(args, context),
});
