import { deflateRawSync, gzipSync } from 'node:zlib';
import type { AttackedServer } from '../attacked-server.ts';
import { type Attempt, shut } from '../attempt.ts';
import { deflatedBomb, hugeJpeg, type Scan } from '../scans.ts';
import { zipOf } from '../zip-of.ts';

const about = 'Bombs';
const MEBIBYTE = 1 << 20;
const MOST_GROWTH = 700;
const MOST_MS = 30_000;

/** Does it, and watches time and memory of the process, which holds the server and the attacker. */
async function bounded(target: AttackedServer, attack: () => Promise<string | undefined>): Promise<string | undefined> {
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  const started = performance.now();
  try {
    const problem = await attack();
    if (problem !== undefined) return problem;
    if (performance.now() - started > MOST_MS) return 'took longer than 30 s';
    if (most - before > MOST_GROWTH * MEBIBYTE) return `memory grew by ${Math.round((most - before) / MEBIBYTE)} MiB`;
    return shut('health afterwards', (await target.ask('/health')).status, 200);
  } finally {
    clearInterval(watch);
  }
}

async function store({ ask, tokenWith }: AttackedServer, { bytes }: Scan): Promise<number> {
  const token = await tokenWith(['archive.write']);
  return (
    await ask('/dicom-web/studies', {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/dicom' },
      body: new Uint8Array(bytes),
    })
  ).status;
}

/** Uploads a zip and waits for its job. */
async function importZip(
  { ask, tokenWith }: AttackedServer,
  zip: Buffer,
): Promise<{ state: string; stored: number; stage: string }> {
  const token = await tokenWith(['archive.write', 'jobs.read']);
  const headers = { 'content-type': 'application/zip' };
  const begun = await ask('/api/imports/zip', { method: 'POST', token, headers, body: new Uint8Array(zip) });
  if (begun.status >= 400) return { state: 'refused', stored: 0, stage: String(begun.status) };
  const { id } = JSON.parse(begun.text) as { id: string };
  for (let tries = 0; tries < 200; tries++) {
    const job = JSON.parse((await ask(`/api/jobs/${id}`, { token })).text) as {
      state: string;
      result?: { stored: number };
    };
    if (job.state !== 'waiting' && job.state !== 'running')
      return { state: job.state, stored: job.result?.stored ?? 0, stage: 'job' };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { state: 'running', stored: 0, stage: 'never ended' };
}

const notTaken = ({ state, stored, stage }: { state: string; stored: number; stage: string }) =>
  state === 'running' || stored > 0 ? `${state}, ${stored} stored, ${stage}` : undefined;

export const BOMB_ATTEMPTS: readonly Attempt[] = [
  {
    about,
    name: 'a gzip body that becomes 64 MiB',
    tryIt: (target) =>
      bounded(target, async () => {
        const token = await target.tokenWith(['archive.write']);
        const body = new Uint8Array(gzipSync(Buffer.alloc(64 * MEBIBYTE)));
        const answer = await target.ask('/dicom-web/studies', {
          method: 'POST',
          token,
          headers: { 'content-type': 'application/dicom', 'content-encoding': 'gzip' },
          body,
        });
        return shut('gzip', answer.status, 415);
      }),
  },
  {
    about,
    name: 'a deflated DICOM file that becomes 300 MiB',
    tryIt: (target) =>
      bounded(target, async () => {
        const bomb = await deflatedBomb(300);
        const status = await store(target, bomb);
        return status >= 200 && status < 500 ? undefined : `STOW answered ${status}`;
      }),
  },
  {
    about,
    name: 'a deflated DICOM file of 730 kB that becomes 700 MiB',
    tryIt: (target) =>
      bounded(target, async () => {
        const status = await store(target, await deflatedBomb(700));
        return status === 409 || status === 413 ? undefined : `STOW answered ${status}`;
      }),
  },
  {
    about,
    name: 'a JPEG of 300 bytes that claims 4 gigapixels, rendered, as frames and as thumbnail',
    tryIt: (target) =>
      bounded(target, async () => {
        const bomb = await hugeJpeg();
        await store(target, bomb);
        const token = await target.tokenWith(['archive.read']);
        const path = `/dicom-web/studies/${bomb.study}/series/${bomb.series}/instances/${bomb.instance}`;
        for (const form of ['rendered', 'thumbnail', 'frames/1']) {
          const { status } = await target.ask(`${path}/${form}`, {
            token,
            ...(form === 'frames/1' && { headers: { accept: 'multipart/related; type="application/octet-stream"' } }),
          });
          if (status < 400) return `${form} answered ${status}`;
        }
        return undefined;
      }),
  },
  {
    about,
    name: 'a zip whose one file becomes 1 GiB',
    tryIt: (target) =>
      bounded(target, async () =>
        notTaken(
          await importZip(
            target,
            zipOf([{ name: 'a.dcm', deflated: deflateRawSync(Buffer.alloc(256 * MEBIBYTE)), claims: 1024 * MEBIBYTE }]),
          ),
        ),
      ),
  },
  {
    about,
    name: 'a zip that claims 10 bytes for a file that becomes 256 MiB',
    tryIt: (target) =>
      bounded(target, async () =>
        notTaken(
          await importZip(
            target,
            zipOf([{ name: 'a.dcm', deflated: deflateRawSync(Buffer.alloc(256 * MEBIBYTE)), claims: 10 }]),
          ),
        ),
      ),
  },
  {
    about,
    name: 'a zip with 60,000 entries on the same bytes (overlapping)',
    tryIt: (target) =>
      bounded(target, async () => {
        const deflated = deflateRawSync(Buffer.alloc(MEBIBYTE));
        const files = Array.from({ length: 60_000 }, (_, i) => ({ name: `${i}.dcm`, deflated, claims: MEBIBYTE }));
        return notTaken(await importZip(target, zipOf(files, { overlapping: true })));
      }),
  },
  {
    about,
    name: 'JSON nested 100,000 deep, and a body above its limit',
    tryIt: (target) =>
      bounded(target, async () => {
        const headers = { 'content-type': 'application/json' };
        const nested = await target.ask('/api/sign-in', { method: 'POST', headers, body: '['.repeat(100_000) });
        const large = await target.ask('/api/sign-in', {
          method: 'POST',
          headers,
          body: `"${'a'.repeat(3 * MEBIBYTE)}"`,
        });
        return shut('nested', nested.status, 400) ?? shut('large', large.status, 413);
      }),
  },
  {
    about,
    name: 'a body that claims more than is granted',
    tryIt: async (target) => {
      const token = await target.tokenWith(['archive.write']);
      const answer = await target.raw(
        `POST /dicom-web/studies HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/dicom\r\nContent-Length: 99999999999\r\n\r\n`,
      );
      return answer.startsWith('HTTP/1.1 413') ? undefined : answer.slice(0, 30);
    },
  },
];
