import { expect, test } from 'vitest';
import { ActiveTime } from './active-time.ts';

test('counts from sign to sign, leaves out long rests, and what was saved no more', () => {
  const hands = new EventTarget();
  let now = 0;
  const active = new ActiveTime(hands, () => now);
  const sign = (at: number, kind = 'pointermove') => {
    now = 1000 * at;
    hands.dispatchEvent(new Event(kind));
  };
  for (const at of [5, 10, 29.6]) sign(at);
  expect(active.seconds).toBe(29);
  sign(100, 'keydown');
  expect(active.seconds).toBe(29);
  active.spend(29);
  sign(100.5);
  expect(active.seconds).toBe(1);
  active.close();
  sign(110);
  expect(active.seconds).toBe(1);
});
