import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { admitCaller } from './caller.ts';

const proposer = (callingAeTitle: string, remoteAddress: string) => ({
  callingAeTitle,
  calledAeTitle: 'VESALIUS',
  remoteAddress,
});

test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.8.7.6'])(
  'without callers anyone comes in from %s',
  (address) => {
    expect(admitCaller(proposer('ANY', address), DEFAULT_SETTINGS.dimse)).toMatchObject({
      mayRead: true,
      mayWrite: true,
    });
  },
);

test.each(['10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', 'fe80::1', '', '::127.0.0.1.example'])(
  'without callers nobody comes in from %s',
  (address) => {
    expect(admitCaller(proposer('ANY', address), DEFAULT_SETTINGS.dimse)).toBe('CALLING_AE_TITLE_NOT_RECOGNIZED');
  },
);

test('with callers their titles count, wherever they are', () => {
  const dimse = { ...DEFAULT_SETTINGS.dimse, callers: [{ aeTitle: 'CT1', mayRead: false, mayWrite: true }] };
  expect(admitCaller(proposer('CT1', '10.0.0.1'), dimse)).toMatchObject({
    from: 'CT1@10.0.0.1',
    mayRead: false,
    mayWrite: true,
  });
  expect(admitCaller(proposer('CT2', '127.0.0.1'), dimse)).toBe('CALLING_AE_TITLE_NOT_RECOGNIZED');
});
