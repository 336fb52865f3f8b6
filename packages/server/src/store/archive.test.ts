import { createHash } from 'node:crypto';
import { readDicom } from '@vesalius/dicom';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ArchiveChange, ArchiveQuery, Finding, StoreOptions } from './archive.ts';
import { type ArchiveUnderTest, openArchiveUnderTest } from './archive-under-test.ts';
import { objectKey } from './object-key.ts';
import { openPostgres } from './open-postgres.ts';
import { openS3Objects } from './open-s3-objects.ts';
import { POSTGRES_PROGRAMS, type PostgresUnderTest, startPostgres } from './postgres-under-test.ts';
import { HAS_S3_SERVER, type S3UnderTest, startS3 } from './s3-under-test.ts';
import { syntheticInstance } from './synthetic-instance.ts';

const ALL = { projects: 'all' } as const;
const OPTIONS: StoreOptions = { source: { kind: 'import', from: 'test' }, project: 'default', access: ALL };
const query = (level: ArchiveQuery['level'], match: Record<string, string>, more: Partial<ArchiveQuery> = {}) => ({
  level,
  match: Object.entries(match).map(([tag, value]) => ({ tag, value })),
  access: ALL,
  ...more,
});

describe('on SQLite and files', () => archiveContract(openArchiveUnderTest));

describe.skipIf(!POSTGRES_PROGRAMS)('on PostgreSQL and files', () => {
  let server: PostgresUnderTest;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());
  archiveContract(() =>
    openArchiveUnderTest({ openDatabase: async () => openPostgres(await server.createDatabase()) }),
  );
});

describe.skipIf(!HAS_S3_SERVER)('on SQLite and a bucket', () => {
  let server: S3UnderTest;
  beforeAll(async () => {
    server = await startS3();
  }, 30_000);
  afterAll(() => server?.stop());
  archiveContract(() => openArchiveUnderTest({ openObjects: async () => openS3Objects(await server.createBucket()) }));
});

/** What every archive must do, whatever it stands on. */
function archiveContract(openOne: Open): void {
  const opened: ArchiveUnderTest[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  const open = async (): Promise<ArchiveUnderTest> => {
    const one = await openOne();
    opened.push(one);
    return one;
  };
  for (const part of [keepsFiles, findsThem, followsChanges, staysWhole]) part(open);
}

type Open = () => Promise<ArchiveUnderTest>;

function keepsFiles(open: Open): void {
  test('gives back what it took, bit for bit, and knows it by its attributes', async () => {
    const { archive } = await open();
    const file = await syntheticInstance({ InstanceNumber: '7' });
    expect(await archive.store(file, OPTIONS)).toMatchObject({ status: 'stored' });
    expect(await archive.store(file, OPTIONS)).toMatchObject({ status: 'present' });
    const [record] = await archive.instances({ study: '1.2.3' }, ALL);
    expect(record).toMatchObject({ sopInstanceUid: '1.2.3.1.1', sizeBytes: file.length, instanceNumber: 7, frames: 0 });
    const bytes = Buffer.from(
      await archive
        .open(record as never)
        .slice(0, file.length)
        .arrayBuffer(),
    );
    expect(bytes.equals(file)).toBe(true);
    for await (const json of archive.metadata([record as never])) expect(json['00100020']?.Value).toEqual(['P1']);
    expect(await archive.statistics(ALL)).toEqual({
      patients: 1,
      studies: 1,
      series: 1,
      instances: 1,
      bytes: file.length,
    });
  });

  test('the first bytes under a UID stay, whoever comes second', async () => {
    const { archive, objects } = await open();
    const [first, second] = [await syntheticInstance({ PatientID: 'A' }), await syntheticInstance({ PatientID: 'B' })];
    const outcomes = await Promise.all([first, second, first].map((file) => archive.store(file, OPTIONS)));
    expect(outcomes.filter(({ status }) => status === 'stored')).toHaveLength(1);
    const [winner, loser] = outcomes[1]?.status === 'stored' ? [second, first] : [first, second];
    expect(await archive.store(winner, OPTIONS)).toMatchObject({ status: 'present' });
    expect(await archive.store(loser, OPTIONS)).toMatchObject({ status: 'refused', reason: 'duplicate instance' });
    const keys: string[] = [];
    for await (const key of objects.keys('sha256/')) keys.push(key);
    expect(keys).toEqual([objectKey(createHash('sha256').update(winner).digest('hex'))]);
  });

  test('what is no DICOM, of another study, too large or of another project is refused with the reason', async () => {
    const { archive } = await open();
    const store = async (file: Uint8Array, more: Partial<StoreOptions> = {}) =>
      archive.store(file, { ...OPTIONS, ...more });
    expect(await store(Buffer.from('no DICOM at all'))).toMatchObject({ reason: 'cannot understand' });
    expect(await store(new Uint8Array(0))).toMatchObject({ reason: 'cannot understand' });
    expect(await store(await syntheticInstance({ StudyInstanceUID: '' }))).toMatchObject({
      reason: 'cannot understand',
    });
    expect(await store(await syntheticInstance(), { study: '1.2.4' })).toMatchObject({ reason: 'wrong study' });
    await store(await syntheticInstance());
    const elsewhere = { project: 'other', access: { projects: ['other'] } };
    expect(await store(await syntheticInstance({ SOPInstanceUID: '1.2.3.1.2' }), elsewhere)).toMatchObject({
      reason: 'not authorized',
    });
    const moved = await syntheticInstance({ SOPInstanceUID: '1.2.9', StudyInstanceUID: '1.2.8' });
    expect(await store(moved)).toMatchObject({ reason: 'wrong study' });
  });
}

function findsThem(open: Open): void {
  test('finds by every kind of matching', async () => {
    const { archive } = await open();
    const patients = [
      { PatientName: 'Zhang^San=張^三', PatientID: 'A1', StudyDate: '20200101', StudyTime: '1200', Modality: 'CT' },
      { PatientName: 'Müller^Jörg', PatientID: 'A2', StudyDate: '20200102', StudyTime: '0800', Modality: 'MR' },
      { PatientName: 'Smith^John', PatientID: 'B[1]', StudyDate: '20210101', StudyTime: '2359', Modality: 'MR' },
    ];
    for (const [i, patient] of patients.entries()) {
      const uids = { StudyInstanceUID: `1.2.${i}`, SeriesInstanceUID: `1.2.${i}.1`, SOPInstanceUID: `1.2.${i}.1.1` };
      await archive.store(await syntheticInstance({ ...patient, ...uids }), OPTIONS);
    }
    const ids = async (match: Record<string, string>, more: Partial<ArchiveQuery> = {}) =>
      (await archive.find(query('STUDY', match, more))).matches.map((json) => json['00100020']?.Value?.[0]).sort();
    expect(await ids({})).toEqual(['A1', 'A2', 'B[1]']);
    expect(await ids({ '00100020': 'A?' })).toEqual(['A1', 'A2']);
    expect(await ids({ '00100020': 'B[*' })).toEqual(['B[1]']);
    expect(await ids({ '00100020': 'a1' })).toEqual([]);
    expect(await ids({ '00100010': 'muller*' })).toEqual(['A2']);
    expect(await ids({ '00100010': 'SMITH^JOHN' })).toEqual(['B[1]']);
    expect(await ids({ '00100010': '張*' })).toEqual(['A1']);
    expect(await ids({ '00100010': 'san zh' }, { fuzzy: true })).toEqual(['A1']);
    expect(await ids({ '00080020': '20200101-20201231' })).toEqual(['A1', 'A2']);
    expect(await ids({ '00080020': '-20200101' })).toEqual(['A1']);
    expect(await ids({ '00080020': '20200101-20200102', '00080030': '1300-0900' })).toEqual(['A2']);
    expect(await ids({ '00080030': '08-12' })).toEqual(['A1', 'A2']);
    expect(await ids({ '0020000D': '1.2.0\\1.2.2' })).toEqual(['A1', 'B[1]']);
    expect(await ids({ '00080061': 'MR' })).toEqual(['A2', 'B[1]']);
    expect(await ids({ '00100020': '*' })).toHaveLength(3);
    expect(await ids({}, { access: { projects: ['other'] } })).toEqual([]);
    expect((await archive.find(query('STUDY', { '00180060': '80' }))).ignored).toEqual(['00180060']);
  });

  test('answers each level with what the standard requires, page by page', async () => {
    const { archive } = await open();
    for (let i = 0; i < 5; i++)
      await archive.store(await syntheticInstance({ SOPInstanceUID: `1.2.3.1.${i}`, InstanceNumber: `${i}` }), OPTIONS);
    const [study] = (await archive.find(query('STUDY', {}))).matches;
    expect(study).toMatchObject({
      '00080061': { Value: ['CT'] },
      '00201206': { Value: [1] },
      '00201208': { Value: [5] },
      '00080050': { vr: 'SH' },
    });
    const page = await archive.find(query('IMAGE', { '0020000E': '1.2.3.1' }, { offset: 1, limit: 2 }));
    expect(page.matches.map((json) => json['00200013']?.Value?.[0])).toEqual([1, 2]);
    expect(page.more).toBe(true);
    const all = await archive.find(query('IMAGE', { '00080018': '1.2.3.1.4' }, { include: 'all' }));
    expect(all.matches[0]).toMatchObject({
      '00080060': { Value: ['CT'] },
      '00100010': { Value: [{ Alphabetic: 'Test^Anna' }] },
    });
    const [patient] = (await archive.find(query('PATIENT', { '00100020': 'P1' }))).matches;
    expect(patient).toMatchObject({ '00201200': { Value: [1] }, '00201204': { Value: [5] } });
    expect((await archive.find(query('SERIES', {}))).matches[0]).toMatchObject({ '00201209': { Value: [5] } });
  });
}

function followsChanges(open: Open): void {
  test('listeners write in the same transaction: one that fails leaves nothing stored', async () => {
    const { archive, objects } = await open();
    const seen: ArchiveChange[] = [];
    let fails = true;
    archive.onChange(async (_, changes) => {
      if (fails) throw new RangeError('listener');
      seen.push(...changes);
    });
    const file = await syntheticInstance();
    expect(await archive.store(file, OPTIONS)).toMatchObject({ status: 'refused', reason: 'processing failure' });
    expect((await archive.statistics(ALL)).instances).toBe(0);
    for await (const key of objects.keys('sha256/')) expect(key).toBe('nothing');
    fails = false;
    await archive.store(file, OPTIONS);
    expect(seen).toMatchObject([{ kind: 'stored', attributes: { '00100020': { Value: ['P1'] } } }]);
  });

  test('removes instance by instance, with parents and bytes', async () => {
    const { archive, objects } = await open();
    for (const end of [1, 2])
      await archive.store(await syntheticInstance({ SOPInstanceUID: `1.2.3.1.${end}` }), OPTIONS);
    expect(await archive.remove({ study: '1.2.3' }, { projects: ['other'] })).toEqual([]);
    await archive.remove({ study: '1.2.3', series: '1.2.3.1', instance: '1.2.3.1.1' }, ALL);
    expect(await archive.statistics(ALL)).toMatchObject({ studies: 1, series: 1, instances: 1 });
    await archive.remove({ study: '1.2.3' }, ALL);
    expect(await archive.statistics(ALL)).toMatchObject({ studies: 0, series: 0, instances: 0, bytes: 0 });
    for await (const key of objects.keys('sha256/')) expect(key).toBe('nothing');
  });

  test('a study goes to another project whole', async () => {
    const { archive } = await open();
    await archive.store(await syntheticInstance(), OPTIONS);
    expect(await archive.assign('1.2.3', 'trial')).toBe(true);
    expect(await archive.assign('1.2.4', 'trial')).toBe(false);
    expect(await archive.instances({ study: '1.2.3' }, { projects: ['trial'] })).toHaveLength(1);
    expect([...(await archive.projectsOf(['1.2.3', '1.2.4'], { projects: ['trial'] }))]).toEqual([['1.2.3', 'trial']]);
    expect((await archive.projectsOf(['1.2.3'], { projects: ['other'] })).size).toBe(0);
  });
}

function staysWhole(open: Open): void {
  test('verification names what is lost and removes what nothing needs', async () => {
    const { archive, objects, database } = await open();
    const findings = async (options = {}): Promise<Finding[]> => {
      const found: Finding[] = [];
      for await (const finding of archive.verify(options)) found.push(finding);
      return found;
    };
    await archive.store(await syntheticInstance(), OPTIONS);
    expect(await findings({ deep: true })).toEqual([]);
    const stray = await objects.begin();
    await stray.write(Buffer.from('stray'));
    await stray.commit(objectKey('ab'.repeat(32)));
    await database
      .tables<{ study: { instance_count: number } }>()
      .updateTable('study')
      .set({ instance_count: 9 })
      .execute();
    expect((await findings()).map(({ kind }) => kind)).toEqual(['object without row', 'counts differ']);
    expect((await findings({ repair: true })).every(({ repaired }) => repaired)).toBe(true);
    const [record] = await archive.instances({ study: '1.2.3' }, ALL);
    await objects.remove(objectKey(record?.sha256 ?? ''));
    expect(await findings()).toEqual([{ kind: 'object missing', what: 'instance 1.2.3.1.1', repaired: false }]);
  });

  test('a header longer than what is kept in memory is read from where it lies', async () => {
    const { archive } = await open();
    const file = await syntheticInstance({ EncapsulatedDocument: new Uint8Array(3 << 20) });
    expect((await readDicom(file)).dataSet.has('EncapsulatedDocument')).toBe(true);
    async function* inPieces() {
      for (let at = 0; at < file.length; at += 65_536) yield file.subarray(at, at + 65_536);
    }
    expect(await archive.store(inPieces(), OPTIONS)).toMatchObject({ status: 'stored' });
    const broken = file.subarray(0, 2 << 20);
    const again = await syntheticInstance({ SOPInstanceUID: '1.5' });
    expect(await archive.store(broken, OPTIONS)).toMatchObject({ status: 'refused' });
    expect(await archive.store(again, OPTIONS)).toMatchObject({ status: 'stored' });
  });

  test('repair and removal leave alone what is being stored', async () => {
    const { archive } = await open();
    const files = await Promise.all(
      Array.from({ length: 24 }, (_, i) => syntheticInstance({ SOPInstanceUID: `1.2.3.1.${i + 1}` })),
    );
    let storing = true;
    const repairs = (async () => {
      while (storing) for await (const _ of archive.verify({ repair: true }));
    })();
    const outcomes = await Promise.all(files.map((file) => archive.store(file, OPTIONS)));
    await Promise.all([archive.remove({ study: '1.2.3' }, ALL), ...files.map((file) => archive.store(file, OPTIONS))]);
    storing = false;
    await repairs;
    expect(outcomes.every(({ status }) => status === 'stored')).toBe(true);
    const lost: Finding[] = [];
    for await (const finding of archive.verify({ deep: true })) lost.push(finding);
    expect(lost).toEqual([]);
  });
}
