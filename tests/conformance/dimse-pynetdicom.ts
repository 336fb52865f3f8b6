import { type RunClient, runScript } from './outside-client.ts';

/** pynetdicom as SCU, and as the destination of a C-MOVE. */
export const run: RunClient = ({ dimsePort, aeTitle, target }) =>
  runScript('dimse.py', [dimsePort, aeTitle, target.port, target.aeTitle]);
