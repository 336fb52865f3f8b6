import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineCommand } from '../commands/command.ts';
import { nearestName } from './nearest-name.ts';
import { parseArguments } from './parse-arguments.ts';
import { parseDuration } from './parse-duration.ts';

const command = defineCommand({
  name: 'work',
  summary: 'does some work',
  usage: 'DATA [OUT]',
  options: {
    fast: { type: 'flag', summary: 'faster' },
    budget: { type: 'duration', value: 'TIME', summary: 'how long', default: 60 },
    threads: { type: 'number', value: 'N', summary: 'threads', minimum: 1, maximum: 64, integer: true },
    shift: { type: 'number', value: 'N', summary: 'where to', default: 0 },
    device: { type: 'text', value: 'NAME', summary: 'where', choices: ['cpu', 'gpu'], default: 'cpu' },
  },
  run: async () => {},
});

const parse = (line: string) => parseArguments(command, line.split(' '));

test('reads options of every kind, in any place and with = or without', () => {
  expect(parse('data --fast --budget=1.5h out --threads 2 --shift -3 --json')).toEqual({
    positionals: ['data', 'out'],
    options: { fast: true, budget: 5400, threads: 2, shift: -3, device: 'cpu', help: false, json: true },
  });
  expect(parse('data').options.threads).toBeUndefined();
});

test.each([
  ['data --thraeds 2', 'UNKNOWN_OPTION: option, got --thraeds, expected --threads?'],
  ['data --zzzzzz', 'UNKNOWN_OPTION: option, got --zzzzzz, expected see --help'],
  ['data --threads 1.5', 'INVALID_ARGUMENT: --threads, got 1.5, expected a whole number from 1 to 64'],
  ['data --threads two', 'INVALID_ARGUMENT: --threads, got two'],
  ['data --device tpu', 'INVALID_ARGUMENT: --device, got tpu, expected cpu, gpu'],
  ['data --budget soon', 'INVALID_ARGUMENT: --budget, got soon, expected a time such as'],
  ['data --budget', 'INVALID_ARGUMENT: value of --budget, got none, expected TIME'],
  ['data --budget --fast', 'INVALID_ARGUMENT: value of --budget, got --fast'],
  ['data --fast=yes', 'INVALID_ARGUMENT: value of --fast, got yes'],
  ['--fast', 'INVALID_ARGUMENT: arguments of work, got none, expected DATA [OUT]'],
  ['a b c', 'INVALID_ARGUMENT: arguments of work, got a b c'],
])('refuses %s', (line, message) => {
  expect(() => parse(line)).toThrow(message);
});

test.each([
  ['90', 90],
  ['90s', 90],
  ['10m', 600],
  ['1h30m', 5400],
  ['0.5h', 1800],
  ['2d', 172800],
])('%s is %i seconds', (text, seconds) => {
  expect(parseDuration(text, 'time')).toBe(seconds);
});

test.each(['', 'm', '10x', '-5m', '1h 30m', '0'])('"%s" is no duration', (text) => {
  expect(() => parseDuration(text, 'time')).toThrow('INVALID_ARGUMENT');
});

test('finds the name that one slip turned into another', () => {
  const names = ['train', 'evaluate', 'predict', 'reproduce'];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), (name, at) => {
      const cut = at % name.length;
      expect(nearestName(name.slice(0, cut) + name.slice(cut + 1), names)).toBe(name);
    }),
  );
  expect(nearestName('tarin', names)).toBe('train');
  expect(nearestName('xyz', names)).toBeUndefined();
});
