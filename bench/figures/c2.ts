import { packagedOhif, runMonailabelClient } from '../../tests/conformance/monailabel-client.ts';
import { runMonailabelOhif } from '../../tests/conformance/monailabel-ohif.ts';
import { type MonailabelServer, serveMonailabel } from '../../tests/conformance/monailabel-server.ts';
import type { ClientCheck } from '../../tests/conformance/outside-client.ts';
import { runReaders } from '../../tests/conformance/training-readers.ts';
import type { Measure } from '../figure-result.ts';

/** To train on. */
const LABELLED = 3;

/**
 * Clients of MONAI Label against a real server: every call of PyPI's client without and with authentication, the OHIF that its package
 * carries; TensorBoard and Netron on what a training writes.
 */
export const measure: Measure = async ({ log }) => {
  const ohifFolder = packagedOhif();
  const open = await onServer({ auth: false, labelled: LABELLED }, (server) =>
    named('PyPI client, without auth', log, runMonailabelClient(server, false)),
  );
  const [closed, ohif, readers] = await onServer({ auth: true, ohifFolder, labelled: LABELLED }, async (server) => [
    await named('PyPI client, with auth', log, runMonailabelClient(server, true)),
    await named('OHIF', log, runMonailabelOhif(server)),
    await named('TensorBoard and Netron', log, runReaders(server)),
  ]);
  const failed = (checks: readonly ClientCheck[]) => checks.filter(({ ok }) => !ok).length;
  const calls = [...open, ...closed];
  return {
    figure: {
      clientCalls: calls.length,
      clientCallsFailed: failed(calls),
      ohifSteps: ohif.length,
      ohifStepsFailed: failed(ohif),
      readerChecks: readers.length,
      readersFailed: failed(readers),
    },
    peer: {},
  };
};

async function onServer<T>(
  options: Parameters<typeof serveMonailabel>[0],
  work: (server: MonailabelServer) => Promise<T>,
): Promise<T> {
  const server = await serveMonailabel(options);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

/** A client that cannot be run at all has failed. */
async function named(
  client: string,
  log: (line: string) => void,
  running: Promise<readonly ClientCheck[]>,
): Promise<readonly ClientCheck[]> {
  const checks = await running.catch((error: unknown) => [
    { name: 'runs', ok: false, detail: String(error).slice(0, 300) },
  ]);
  for (const { name, ok, detail = '' } of checks) log(`${ok ? 'ok    ' : 'FAILED'} ${client}: ${name} ${detail}`);
  return checks;
}
