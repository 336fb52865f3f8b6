import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientCheck, RunClient, ServedArchive } from '../../tests/conformance/outside-client.ts';
import { freePort } from '../archives/spawn-server.ts';
import { vesalius } from '../archives/start-vesalius.ts';
import type { Measure } from '../figure-result.ts';

/** Every outside client, with the module of tests/conformance that runs it; loaded one by one, so that none takes another down. */
const CLIENTS: Readonly<Record<string, () => Promise<RunClient>>> = {
  echoscu: () => dcmtk('echoscu'),
  storescu: () => dcmtk('storescu'),
  findscu: () => dcmtk('findscu'),
  movescu: () => dcmtk('movescu'),
  getscu: () => dcmtk('getscu'),
  pynetdicom: async () => (await import('../../tests/conformance/dimse-pynetdicom.ts')).run,
  'dicomweb-client': async () => (await import('../../tests/conformance/dicomweb-python.ts')).run,
  highdicom: () => objects('highdicom'),
  dciodvfy: () => objects('dciodvfy'),
  OHIF: async () => (await import('../../tests/conformance/ohif.ts')).run,
  'HAPI validator': async () => {
    // Named by a variable: a client that is not there yet has failed, and nothing else has.
    const module = '../../tests/conformance/fhir-hapi.ts';
    return ((await import(module)) as { run: RunClient }).run;
  },
};

/** Every outside client against one real server; a client with one check that failed has failed. */
export const measure: Measure = async ({ log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-b3-'));
  const target = { aeTitle: 'TARGET', host: '127.0.0.1', port: await freePort() };
  const side = await vesalius(join(folder, 'server'), { dimse: { peers: [target] } }).start();
  const figure = { clients: 0, failedClients: 0, checks: 0, failedChecks: 0 };
  try {
    for (const [client, load] of Object.entries(CLIENTS)) {
      const own = join(folder, client);
      mkdirSync(own);
      const token = side.headers['authorization']?.replace('Bearer ', '') ?? '';
      const url = side.dicomWeb.replace(/\/dicom-web$/, '');
      const checks = await runClient(load, { ...side, url, token, target, folder: own });
      const failed = checks.filter(({ ok }) => !ok);
      figure.clients++;
      figure.failedClients += failed.length > 0 ? 1 : 0;
      figure.checks += checks.length;
      figure.failedChecks += failed.length;
      log(`${failed.length === 0 ? 'ok    ' : 'FAILED'} ${client}: ${checks.length} checks`);
      for (const { name, ok, detail = '' } of checks) log(`       ${ok ? 'ok    ' : 'FAILED'} ${name} ${detail}`);
    }
  } finally {
    await side.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return { figure, peer: {} };
};

async function dcmtk(name: string): Promise<RunClient> {
  const { DCMTK_CLIENTS } = await import('../../tests/conformance/dimse-dcmtk.ts');
  return DCMTK_CLIENTS[name] as RunClient;
}

async function objects(name: string): Promise<RunClient> {
  const { OBJECT_CLIENTS } = await import('../../tests/conformance/objects.ts');
  return OBJECT_CLIENTS[name] as RunClient;
}

/** A client that cannot be run at all has failed. */
async function runClient(load: () => Promise<RunClient>, server: ServedArchive): Promise<readonly ClientCheck[]> {
  try {
    const checks = await (await load())(server);
    return checks.length > 0 ? checks : [{ name: 'runs', ok: false, detail: 'no check' }];
  } catch (error) {
    return [{ name: 'runs', ok: false, detail: String(error).slice(0, 300) }];
  }
}
