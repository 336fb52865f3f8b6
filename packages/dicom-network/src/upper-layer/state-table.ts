/**
 * The upper layer's states, events and actions as the standard numbers them.
 *
 * @source PS3.8 9.2, tables 9-1 to 9-10
 */
export const STATES = {
  Sta1: 'idle',
  Sta2: 'transport connection open, awaiting A-ASSOCIATE-RQ',
  Sta3: 'awaiting the local answer to an A-ASSOCIATE-RQ',
  Sta4: 'awaiting the transport connection to open',
  Sta5: 'awaiting A-ASSOCIATE-AC or A-ASSOCIATE-RJ',
  Sta6: 'association established, ready for data',
  Sta7: 'awaiting A-RELEASE-RP',
  Sta8: 'awaiting the local answer to an A-RELEASE-RQ',
  Sta9: 'release collision, requestor: awaiting the local answer',
  Sta10: 'release collision, acceptor: awaiting A-RELEASE-RP',
  Sta11: 'release collision, requestor: awaiting A-RELEASE-RP',
  Sta12: 'release collision, acceptor: awaiting the local answer',
  Sta13: 'awaiting the transport connection to close',
} as const;

export const EVENTS = {
  Evt1: 'A-ASSOCIATE request of the local user',
  Evt2: 'transport connection confirmed',
  Evt3: 'A-ASSOCIATE-AC received',
  Evt4: 'A-ASSOCIATE-RJ received',
  Evt5: 'transport connection indicated',
  Evt6: 'A-ASSOCIATE-RQ received',
  Evt7: 'A-ASSOCIATE accepted by the local user',
  Evt8: 'A-ASSOCIATE rejected by the local user',
  Evt9: 'P-DATA request of the local user',
  Evt10: 'P-DATA-TF received',
  Evt11: 'A-RELEASE request of the local user',
  Evt12: 'A-RELEASE-RQ received',
  Evt13: 'A-RELEASE-RP received',
  Evt14: 'A-RELEASE answered by the local user',
  Evt15: 'A-ABORT request of the local user',
  Evt16: 'A-ABORT received',
  Evt17: 'transport connection closed',
  Evt18: 'ARTIM timer expired',
  Evt19: 'unrecognized or invalid PDU received',
} as const;

/** What each action does is in `actions.ts`; here are the states it may lead to. */
export const NEXT_STATES = {
  'AE-1': ['Sta4'],
  'AE-2': ['Sta5'],
  'AE-3': ['Sta6'],
  'AE-4': ['Sta1'],
  'AE-5': ['Sta2'],
  'AE-6': ['Sta3', 'Sta13'],
  'AE-7': ['Sta6'],
  'AE-8': ['Sta13'],
  'DT-1': ['Sta6'],
  'DT-2': ['Sta6'],
  'AR-1': ['Sta7'],
  'AR-2': ['Sta8'],
  'AR-3': ['Sta1'],
  'AR-4': ['Sta13'],
  'AR-5': ['Sta1'],
  'AR-6': ['Sta7'],
  'AR-7': ['Sta8'],
  'AR-8': ['Sta9', 'Sta10'],
  'AR-9': ['Sta11'],
  'AR-10': ['Sta12'],
  'AA-1': ['Sta13'],
  'AA-2': ['Sta1'],
  'AA-3': ['Sta1'],
  'AA-4': ['Sta1'],
  'AA-5': ['Sta1'],
  'AA-6': ['Sta13'],
  'AA-7': ['Sta13'],
  'AA-8': ['Sta13'],
} as const satisfies Record<string, readonly StateName[]>;

export type StateName = keyof typeof STATES;
export type EventName = keyof typeof EVENTS;
export type ActionName = keyof typeof NEXT_STATES;

/** Actions from `Sta2` to `Sta13`; a dot is a blank cell of the standard. The only cells of `Sta1` are Evt1 and Evt5. */
//          2    3    4    5    6    7    8    9    10    11   12   13
const ROWS: Record<EventName, string> = {
  Evt1: '   .    .    .    .    .    .    .    .    .     .    .    .',
  Evt2: '   .    .    AE-2 .    .    .    .    .    .     .    .    .',
  Evt3: '   AA-1 AA-8 .    AE-3 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  Evt4: '   AA-1 AA-8 .    AE-4 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  Evt5: '   .    .    .    .    .    .    .    .    .     .    .    .',
  Evt6: '   AE-6 AA-8 .    AA-8 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-7',
  Evt7: '   .    AE-7 .    .    .    .    .    .    .     .    .    .',
  Evt8: '   .    AE-8 .    .    .    .    .    .    .     .    .    .',
  Evt9: '   .    .    .    .    DT-1 .    AR-7 .    .     .    .    .',
  Evt10: '  AA-1 AA-8 .    AA-8 DT-2 AR-6 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  Evt11: '  .    .    .    .    AR-1 .    .    .    .     .    .    .',
  Evt12: '  AA-1 AA-8 .    AA-8 AR-2 AR-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  Evt13: '  AA-1 AA-8 .    AA-8 AA-8 AR-3 AA-8 AA-8 AR-10 AR-3 AA-8 AA-6',
  Evt14: '  .    .    .    .    .    .    AR-4 AR-9 .     .    AR-4 .',
  Evt15: '  .    AA-1 AA-2 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1  AA-1 AA-1 .',
  Evt16: '  AA-2 AA-3 .    AA-3 AA-3 AA-3 AA-3 AA-3 AA-3  AA-3 AA-3 AA-2',
  Evt17: '  AA-5 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4  AA-4 AA-4 AR-5',
  Evt18: '  AA-2 .    .    .    .    .    .    .    .     .    .    AA-2',
  Evt19: '  AA-1 AA-8 .    AA-8 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-7',
};

const CELLS: ReadonlyMap<EventName, readonly string[]> = new Map(
  (Object.keys(ROWS) as EventName[]).map((event) => [event, ROWS[event].trim().split(/ +/)]),
);

/**
 * The action of table 9-10 for an event in a state; undefined where the standard leaves the cell blank.
 *
 * @source PS3.8 9.2.3
 * @parity pynetdicom.fsm.TRANSITION_TABLE
 */
export function actionFor(event: EventName, state: StateName): ActionName | undefined {
  if (state === 'Sta1') return event === 'Evt1' ? 'AE-1' : event === 'Evt5' ? 'AE-5' : undefined;
  const cell = CELLS.get(event)?.[Number(state.slice(3)) - 2];
  return cell !== undefined && cell in NEXT_STATES ? (cell as ActionName) : undefined;
}
