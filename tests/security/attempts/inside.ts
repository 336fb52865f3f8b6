import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { AttackedServer } from '../attacked-server.ts';
import { type Attempt, eachShut, shut } from '../attempt.ts';
import { scan } from '../scans.ts';
import { zipOf } from '../zip-of.ts';

const PATHS = 'Paths';
const SSRF = 'The network behind the server (SSRF)';

/** Addresses that lead to this machine or to what only machines inside reach. */
const INSIDE = [
  'http://127.0.0.1:PORT',
  'http://localhost:PORT',
  'http://127.1:PORT',
  'http://2130706433:PORT',
  'http://0x7f000001:PORT',
  'http://0:PORT',
  'http://[::1]:PORT',
  'http://[::ffff:127.0.0.1]:PORT',
  'http://169.254.169.254/latest/meta-data',
  'http://10.0.0.1',
  'http://192.168.0.1',
  'http://[fd00::1]',
];

async function endOfJob({ ask }: AttackedServer, token: string, begun: string): Promise<string> {
  const { id } = JSON.parse(begun) as { id: string };
  for (let tries = 0; tries < 150; tries++) {
    const { state } = JSON.parse((await ask(`/api/jobs/${id}`, { token })).text) as { state: string };
    if (state !== 'waiting' && state !== 'running') return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return 'running';
}

export const INSIDE_ATTEMPTS: readonly Attempt[] = [
  {
    about: SSRF,
    name: 'a DICOMweb pull from addresses inside, in every spelling',
    tryIt: async (target) => {
      const token = await target.tokenWith(['archive.write', 'jobs.read', 'server.manage']);
      const before = target.inside.reached();
      return eachShut(INSIDE, async (address) => {
        const url = address.replace('PORT', String(target.inside.port));
        const begun = await target.ask('/api/imports', { method: 'POST', token, json: { kind: 'dicomweb', url } });
        if (begun.status < 400 && (await endOfJob(target, token, begun.text)) === 'succeeded')
          return `${address} was pulled from`;
        return target.inside.reached() === before ? undefined : `${address} was reached`;
      });
    },
  },
  {
    about: SSRF,
    name: 'a pull by another scheme',
    tryIt: async ({ ask, tokenWith }) => {
      const token = await tokenWith(['archive.write']);
      return eachShut(
        ['file:///etc/passwd', 'ftp://127.0.0.1/', 'gopher://127.0.0.1/', 'http://u:p@127.0.0.1/', '//127.0.0.1/'],
        async (url) => {
          const { status, text } = await ask('/api/imports', {
            method: 'POST',
            token,
            json: { kind: 'dicomweb', url },
          });
          return status === 202 && !url.startsWith('http') ? `${url}: ${text.slice(0, 60)}` : undefined;
        },
      );
    },
  },
  {
    about: SSRF,
    name: 'a DIMSE pull from a peer that the settings do not name',
    tryIt: async (target) => {
      const token = await target.tokenWith(['archive.write', 'jobs.read']);
      const begun = await target.ask('/api/imports', {
        method: 'POST',
        token,
        json: { kind: 'dimse', aeTitle: '127.0.0.1' },
      });
      return begun.status >= 400 || (await endOfJob(target, token, begun.text)) === 'failed'
        ? undefined
        : 'it was asked';
    },
  },
  {
    about: SSRF,
    name: 'a FHIR subscription whose rest-hook points inside',
    tryIt: async ({ ask, tokenWith, inside }) => {
      const token = await tokenWith(['fhir.read', 'fhir.write']);
      const post = (type: string, json: object) =>
        ask(`/fhir/${type}`, {
          method: 'POST',
          token,
          headers: { 'content-type': 'application/fhir+json' },
          body: JSON.stringify({ resourceType: type, ...json }),
        });
      const endpoint = `http://127.0.0.1:${inside.port}/hook`;
      const before = inside.reached();
      const channel = { type: 'rest-hook', endpoint, payload: 'application/fhir+json' };
      await post('Subscription', { status: 'requested', reason: 'test', criteria: 'Patient?', channel });
      await post('Patient', { active: true });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return inside.reached() === before ? undefined : 'the hook was called';
    },
  },
  {
    about: PATHS,
    name: 'dots, encoded dots, backslashes and null bytes in addresses',
    tryIt: ({ raw }) => {
      const ways = [
        '/../../../../etc/passwd',
        '/%2e%2e/%2e%2e/etc/passwd',
        '/..%2f..%2fetc/passwd',
        '/assets/../../../etc/passwd',
        '/dicom-web/studies/..%2f..%2f..%2fetc%2fpasswd',
        '/dicom-web/studies/%00',
        '/..\\..\\etc\\passwd',
        '//etc/passwd',
        '/%c0%ae%c0%ae/etc/passwd',
        '/dicom-web/studies/%',
      ];
      return eachShut(ways, async (path) => {
        const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        return /^HTTP\/1.1 4/.test(answer) && !answer.includes('root:') ? undefined : `${path}: ${answer.slice(0, 30)}`;
      });
    },
  },
  {
    about: PATHS,
    name: 'dots in UIDs, with a valid token',
    tryIt: async ({ raw, tokenWith }) => {
      const token = await tokenWith(['archive.read', 'archive.delete', 'jobs.read']);
      return eachShut(['..%2f..%2f..', '%2e%2e', 'a%00b', '1.2%0d%0aX: y', "1'or'1", '%F0%9F%92%A9'], async (uid) => {
        for (const path of [
          `/dicom-web/studies/${uid}`,
          `/dicom-web/studies/${uid}/series/${uid}/instances/${uid}/frames/1`,
          `/api/jobs/${uid}`,
        ]) {
          const answer = await raw(
            `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`,
          );
          if (!/^HTTP\/1.1 4/.test(answer)) return `${path}: ${answer.slice(0, 30)}`;
        }
        return undefined;
      });
    },
  },
  {
    about: PATHS,
    name: 'names in a zip that lead out of the folder',
    tryIt: async (target) => {
      const token = await target.tokenWith(['archive.write', 'jobs.read']);
      const { bytes } = await scan();
      const content = Buffer.from(bytes);
      const names = ['../../vesalius-was-here.dcm', '/tmp/vesalius-was-here.dcm', '..\\..\\vesalius-was-here.dcm'];
      for (const name of names) {
        const zip = zipOf([{ name, deflated: deflateRawSync(content), claims: content.length, content }]);
        const begun = await target.ask('/api/imports/zip', {
          method: 'POST',
          token,
          headers: { 'content-type': 'application/zip' },
          body: new Uint8Array(zip),
        });
        if (begun.status < 400) await endOfJob(target, token, begun.text);
      }
      const places = [tmpdir(), target.dataFolder, join(target.dataFolder, '..'), process.cwd()];
      const written = places.filter((place) => readdirSync(place).some((name) => name.includes('vesalius-was-here')));
      return written.length === 0 && !existsSync('/tmp/vesalius-was-here.dcm')
        ? undefined
        : `written in ${written.join()}`;
    },
  },
  {
    about: PATHS,
    name: 'a folder of the server is imported by somebody who does not manage it',
    tryIt: async ({ ask, tokenWith, dataFolder }) => {
      writeFileSync(join(dataFolder, 'secret.txt'), 'secret');
      const token = await tokenWith(['archive.write', 'jobs.read']);
      return shut(
        'import',
        (await ask('/api/imports', { method: 'POST', token, json: { kind: 'folder', path: dataFolder } })).status,
        403,
      );
    },
  },
];
