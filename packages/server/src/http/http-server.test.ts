import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { findProgram } from '../../../../tools/find-program.ts';
import { httpServer } from './http-server.ts';
import { refuseSlowBody } from './slow-body.ts';

const openssl = findProgram(['openssl']) ?? '';

test.skipIf(openssl === '')('speaks TLS 1.2 and newer with a certificate of the settings', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-tls-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '1'];
  execFileSync(
    openssl,
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject],
    { stdio: 'ignore' },
  );
  const server = httpServer((_, response) => response.end('hello'), { key, certificate });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (maxVersion: 'TLSv1.1' | 'TLSv1.3') =>
    new Promise<string>((resolve) => {
      const options = { port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion, minVersion: 'TLSv1' } as const;
      const socket = connect(options, () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
      socket.on('data', (bytes) => resolve(String(bytes)));
      socket.on('error', (error) => resolve(`refused ${error.message}`));
    });
  expect(await ask('TLSv1.3')).toContain('hello');
  expect(await ask('TLSv1.1')).toMatch(/^refused/);
  server.close();
});

test('ends a body that trickles, and lets one through that comes as it can', async () => {
  const server = httpServer((request, response) => {
    refuseSlowBody(request, 200);
    request.resume().on('end', () => response.end('whole'));
  }, undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const send = (bytes: number, everyMs: number) =>
    new Promise<string>((resolve) => {
      let left = 4000;
      let answer = '';
      const socket = connectPlain(port, '127.0.0.1', () =>
        socket.write(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${left}\r\n\r\n`),
      );
      const timer = setInterval(() => {
        const piece = Math.min(bytes, left);
        left -= piece;
        if (piece > 0) socket.write('a'.repeat(piece));
      }, everyMs);
      socket.on('data', (text) => {
        answer += text;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(timer);
        resolve(answer);
      });
    });
  expect(await send(1, 20)).toBe('');
  expect(await send(400, 50)).toContain('whole');
  server.close();
});
