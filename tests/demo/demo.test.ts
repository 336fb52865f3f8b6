import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listAll, type ProgramResult, runVesalius } from '../program/vesalius.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-demo-'));
let result: ProgramResult;

beforeAll(async () => {
  result = await runVesalius(['demo', 'out', '--budget', '1s', '--json'], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('ends well, and says where everything lies', () => {
  expect(result.status, result.stderr).toBe(0);
  const answer = JSON.parse(result.stdout);
  expect(answer).toMatchObject({ cases: 6, bundle: join(folder, 'out/phantom.bundle') });
  expect(answer.steps).toBeGreaterThan(0);
  expect(readFileSync(answer.report, 'utf8')).toMatch(/^<!doctype html>/i);
});

test('leaves a bundle with all its parts', () => {
  const parts = ['manifest.json', 'model.onnx', 'signature.json', 'weights.safetensors', 'docs/report.html'];
  expect(listAll(join(folder, 'out/phantom.bundle'))).toEqual(expect.arrayContaining(parts));
});

test('predicts every scan it made up', () => {
  const scans = listAll(join(folder, 'out/data/images'));
  expect(scans).toHaveLength(24);
  expect(listAll(join(folder, 'out/predictions'))).toEqual(scans);
});

test('writes a report that needs nothing else: no address, no file beside it', () => {
  const page = readFileSync(join(folder, 'out/phantom.bundle/docs/report.html'), 'utf8');
  const plain = page.replaceAll(/data:image\/png;base64,[\w+/=]+/g, 'data:').replaceAll(/xmlns(:\w+)?="[^"]*"/g, '');
  const named = [...plain.matchAll(/(?:src|srcset|href|action|poster|data)="([^"]*)"|url\(([^)]*)\)/gi)];
  const outside = named.map(([, attribute, style]) => attribute ?? style).filter((to) => !/^(data:|#)/.test(to ?? ''));
  expect(named.length).toBeGreaterThan(0);
  expect(outside).toEqual([]);
  expect(plain.match(/https?:|\/\/\w|@import|<link|<iframe/gi)).toBeNull();
});
