import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { create, letIn, reached } from '../../tests/federation/hospitals.ts';
import { openWire, type Wire } from '../../tests/federation/wire.ts';
import { killServers } from '../../tests/server/started-server.ts';
import { pythonWith, pythonWithPeers } from '../../tools/python-env.ts';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions } from '../figure-result.ts';
import { allReady, federationPort, type Hospitals, openHospitals, writeNodules } from './hospitals.ts';
import { readNodules } from './nodules.ts';

/** Packages of Flower alone: PyTorch is taken from the other peers. */
const FLOWER = { requirements: 'bench/python/flower-requirements.txt', folder: '.venv/flower', alone: true };
const SITES = ['a', 'b', 'c', 'd', 'e'];
const WORK = { localSteps: 10, batch: 32, learningRate: 0.1 };
const CODES = { dense: 'float32', compressed: 'largest:0.03' };

interface Round {
  readonly seconds: number;
  /** Both ways, on the wire. */
  readonly bytes: number;
}

/** One round of Flower's FedAvg and of ours, with the same network, images and steps: a server and five sites, each a process on this machine. */
export async function measureBesideFlower({ quick, log }: FigureOptions): Promise<{
  readonly figure: Record<string, number>;
  readonly peer: Record<string, number>;
}> {
  const rounds = quick ? 3 : 10;
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-flower-'));
  try {
    const { sites, validation } = await readNodules(0);
    const files = sites.map((site, n) => writeNodules(join(folder, `${SITES[n]}.safetensors`), site));
    const flower = await flowerRound(folder, files, rounds);
    log(`Flower: ${JSON.stringify(flower)} a round`);
    const data = { files, validation: writeNodules(join(folder, 'validation.safetensors'), validation), rounds };
    const hospitals = await openHospitals(folder, Object.fromEntries(SITES.map((name) => [name, {}])));
    const ours: Record<string, Round> = {};
    for (const [name, code] of Object.entries(CODES)) {
      ours[name] = await ownRound(hospitals, { ...data, code });
      log(`${name}: ${JSON.stringify(ours[name])} a round`);
    }
    const { dense, compressed } = ours;
    return {
      figure: {
        'real.dense.secondsARound': dense?.seconds ?? Number.NaN,
        'real.dense.bytesARound': dense?.bytes ?? Number.NaN,
        'real.secondsARound': compressed?.seconds ?? Number.NaN,
        'real.bytesARound': compressed?.bytes ?? Number.NaN,
        bytesOverFlower: (compressed?.bytes ?? Number.NaN) / flower.bytes,
        secondsOverFlower: (compressed?.seconds ?? Number.NaN) / flower.seconds,
      },
      peer: { 'flower.secondsARound': flower.seconds, 'flower.bytesARound': flower.bytes },
    };
  } finally {
    killServers();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface OwnRun {
  readonly files: readonly string[];
  readonly validation: string;
  readonly rounds: number;
  readonly code: string;
}

/** From the opening of the first round to the end of the last, by the coordinator's own times. */
async function ownRound(
  { coordinator, sites }: Hospitals,
  { files, validation, rounds, code }: OwnRun,
): Promise<Round> {
  const wire = await openWire(federationPort(coordinator));
  try {
    const { id } = await create(coordinator, {
      ...{ ...WORK, rounds, up: code, down: code, imageShape: [1, 50, 50] },
      ...{ minimumSites: SITES.length, evaluateEvery: 0, deadlineSeconds: 600 },
    });
    for (const [n, [name, house]] of [...sites].entries()) {
      const given = { federation: id, name, data: files[n] ?? '', validation, cohort: 1 };
      await letIn(coordinator, house, { ...given, url: `https://127.0.0.1:${wire.port}` });
    }
    await allReady(coordinator, id);
    const before = wire.up + wire.down;
    await coordinator.client.call('startFederation', { params: { federation: id } });
    const ended = await reached(coordinator, id, ({ state }) => state === 'finished', 600);
    const times = ended.rounds.flatMap(({ openedAt, closedAt = openedAt }) => [
      Date.parse(openedAt),
      Date.parse(closedAt),
    ]);
    const seconds = (Math.max(...times) - Math.min(...times)) / 1000 / rounds;
    return { seconds, bytes: (wire.up + wire.down - before) / rounds };
  } finally {
    for (const house of sites.values())
      for (const { id } of await house.client.call('listFederations'))
        await house.client.call('leaveFederation', { params: { federation: id } });
    wire.close();
  }
}

/** Flower's first round has no model to send before it, ours neither: both begin with the same weights at the server. */
async function flowerRound(folder: string, files: readonly string[], rounds: number): Promise<Round> {
  const python = process.env['VESALIUS_FLOWER_PYTHON'] ?? pythonWith(FLOWER);
  const env = { ...process.env, PEERS_SITE_PACKAGES: sitePackages(), OMP_NUM_THREADS: '1' };
  writeFileSync(join(folder, 'request.json'), JSON.stringify({ ...WORK, rounds, sites: files.length }));
  const port = await freePort();
  const script = join(ROOT, 'bench/python/flower_peer.py');
  const start = (...words: readonly string[]) =>
    spawn(python, [script, ...words], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const wire: Wire = await openWire(port);
  const server = start('server', String(port), folder);
  let said = '';
  server.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const sites: ChildProcess[] = [];
  try {
    while (!said.includes('server running') && server.exitCode === null) await once(server.stderr, 'data');
    for (const file of files) sites.push(start('site', String(wire.port), folder, file));
    if (server.exitCode === null) await once(server, 'exit');
    if (server.exitCode !== 0) throw new VesaliusError('RUNTIME_FAILED', { what: script, got: said.slice(-500) });
    const { seconds } = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as { seconds: number };
    return { seconds, bytes: (wire.up + wire.down) / rounds };
  } finally {
    for (const site of [...sites, server]) site.kill('SIGKILL');
    wire.close();
  }
}

/** Where the other peers' packages lie. */
function sitePackages(): string {
  const asked = ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'];
  return spawnSync(pythonWithPeers(), asked, { encoding: 'utf8' }).stdout.trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
