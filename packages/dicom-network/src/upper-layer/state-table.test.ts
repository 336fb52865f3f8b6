import { expect, test } from 'vitest';
import { readGolden } from '../../../../golden/read-golden.ts';
import { actionFor, EVENTS, type EventName, NEXT_STATES, STATES, type StateName } from './state-table.ts';

test('every cell and every next state are those of pynetdicom', () => {
  const [expected] = readGolden('dicom-network/state-table').cases;
  const cells = (Object.keys(EVENTS) as EventName[]).flatMap((event) =>
    (Object.keys(STATES) as StateName[]).flatMap((state) => {
      const action = actionFor(event, state);
      return action ? [[`${event} ${state}`, [action, ...NEXT_STATES[action]].join(' ')]] : [];
    }),
  );
  expect(Object.fromEntries(cells)).toEqual(expected?.options);
});
