import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../tools/root.ts';
import { type AttackedServer, startAttackedServer } from './attacked-server.ts';
import { ATTEMPTS } from './attempts/all.ts';
import { routeAttempts } from './attempts/every-route.ts';
import { securityPage } from './security-page.ts';

let target: AttackedServer;

beforeAll(async () => {
  target = await startAttackedServer();
});

afterAll(() => target.close());

test('every route is shut without, with wrong, with expired and with too small a token', async () => {
  const attempts = routeAttempts(target);
  expect(attempts.length).toBeGreaterThan(150);
  const open = [];
  for (const { name, tryIt } of attempts) {
    const problem = await tryIt(target);
    if (problem !== undefined) open.push(`${name}: ${problem}`);
  }
  expect(open).toEqual([]);
});

describe('shut', () => {
  test.each(ATTEMPTS)('$about: $name', async ({ tryIt, knownOpen }) => {
    const problem = await tryIt(target);
    if (knownOpen === undefined) expect(problem).toBeUndefined();
    else expect(problem, 'it is shut now: take knownOpen away').toBeDefined();
  });
});

test('docs/security.md names what is tried here: node tests/security/draw-security.ts', () => {
  const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  expect(securityPage(page)).toBe(page);
});
