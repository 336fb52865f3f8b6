import { expect, test } from 'vitest';
import { figuresTable } from './figures-table.ts';

const goal = { id: 'Z1', title: 'Speed', text: 'Speed.', thresholds: [{ metric: 'ratio', atMost: 1 }] };

test('shows the last result beside its goal, and a goal without one as not measured', () => {
  const result = {
    id: 'Z1',
    ok: true,
    figure: { ratio: 0.81234567 },
    goal: ['ratio <= 1'],
    peer: { seconds: 2 },
    quick: false,
    machine: '2 x CPU, 8 GiB',
    date: '2026-11-22T10:00:00.000Z',
  };
  const [, , first, second] = figuresTable([goal, { ...goal, id: 'Z2' }], new Map([['Z1', result]])).split('\n');
  expect(first).toBe('| Z1 | Speed | ratio 0.812 (<= 1) | yes | 2026-11-22, 2 x CPU, 8 GiB |');
  expect(second).toBe('| Z2 | Speed | ratio (<= 1) | not measured |  |');
});

test('marks what was missed', () => {
  const result = {
    id: 'Z1',
    ok: false,
    figure: { ratio: 1.5 },
    goal: [],
    peer: {},
    quick: false,
    machine: 'x',
    date: '2026',
  };
  expect(figuresTable([goal], new Map([['Z1', result]]))).toContain('ratio **1.5** (<= 1) | **no**');
});
