import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewTraining } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import { RECIPES } from '@vesalius/medical';
import { logFailure } from '../http/error-answer.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { holds } from '../store/holds.ts';
import { labelledSeries } from './labelled-series.ts';
import { readScalars } from './read-scalars.ts';
import { noProgram, runTraining } from './run-training.ts';
import type { TrainingRow } from './tables.ts';
import type { Ending, TrainFolders } from './train-process.ts';
import { trainingResources } from './training-resources.ts';
import { TrainingRows, trainingOf } from './training-rows.ts';
import type { Training, Trainings } from './trainings.ts';

const KIND = 'training';
const ALL: Access = { projects: 'all' };

interface JobInput {
  readonly training: string;
  /** Stands in the row too: a job of an earlier run of the training says nothing of a later one. */
  readonly run: string;
}

/** Trainings that take up, once the jobs run, what a stop of the server left waiting. */
export interface OpenTrainings extends Trainings {
  /** Registers the kind of job; `services` is whole then. */
  begin(services: Services): Promise<void>;
}

/** One training at a time: each takes all cores there are. */
export function openTrainings({ database, settings }: Pick<Services, 'database' | 'settings'>): OpenTrainings {
  return new QueuedTrainings(new TrainingRows(database), settings.dataFolder);
}

class QueuedTrainings implements OpenTrainings {
  readonly #rows: TrainingRows;
  readonly #dataFolder: string;
  /** Of those that run here: asks them to save and end. */
  readonly #stops = new Map<string, AbortController>();
  #services: Services | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(rows: TrainingRows, dataFolder: string) {
    this.#rows = rows;
    this.#dataFolder = dataFolder;
  }

  async begin(services: Services): Promise<void> {
    this.#services = services;
    services.jobs.register<JobInput>(KIND, (context) => this.#run(context), {
      ended: (input) => this.#settle(input),
    });
    await this.#next();
  }

  async list(access: Access): Promise<readonly Training[]> {
    return (await this.#rows.list(access)).map(trainingOf);
  }

  async get(id: string, access: Access): Promise<Training | undefined> {
    const row = await this.#rows.get(id, access);
    return row && trainingOf(row);
  }

  async start(request: NewTraining, principal: string, access: Access): Promise<Training> {
    const { annotations, settings, projects } = this.#ready;
    const { project, recipe, name } = request;
    if (!holds(access, project) || !(await projects.has(project)))
      throw new VesaliusError('FILE_NOT_FOUND', { what: 'project' });
    // It becomes a word of a command line.
    if (recipe !== 'plan' && !Object.hasOwn(RECIPES, recipe))
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'recipe',
        got: recipe,
        expected: ['plan', ...Object.keys(RECIPES)],
      });
    if (!settings.program) throw noProgram();
    const cases = (await labelledSeries(annotations, request)).length;
    const id = `${name}-${randomBytes(4).toString('hex')}`;
    const row: TrainingRow = {
      ...{ id, project, state: 'preparing', request: JSON.stringify(request), wanted: null, job: null },
      ...{ progress: 0, message: 'waits for its turn', seconds_left: null, cases, started_by: principal },
      ...{
        created_at: new Date().toISOString(),
        ended_at: null,
        model: null,
        sources: null,
        error_code: null,
        error_message: null,
      },
    };
    await this.#rows.insert(row);
    await this.#next();
    return trainingOf((await this.#rows.get(id, ALL)) ?? row);
  }

  pause(id: string, access: Access): Promise<boolean> {
    return this.#end(id, access, 'pause');
  }

  async resume(id: string, access: Access): Promise<boolean> {
    const row = await this.#rows.get(id, access);
    if (row?.state !== 'paused') return false;
    await this.#rows.update(id, { state: 'preparing', wanted: null, job: null, message: 'waits for its turn' });
    await this.#next();
    return true;
  }

  stop(id: string, access: Access): Promise<boolean> {
    return this.#end(id, access, 'stop');
  }

  async remove(id: string, access: Access): Promise<boolean> {
    const row = await this.#rows.get(id, access);
    if (!row) return false;
    if (row.ended_at === null)
      throw new VesaliusError('DATA_MISMATCH', { what: 'training', got: row.state, expected: 'one that has ended' });
    await this.#rows.remove(id);
    for (const folder of [this.runFolder(id), this.#workFolder(id)]) await rm(folder, { recursive: true, force: true });
    return true;
  }

  async *follow(id: string, signal: AbortSignal): AsyncGenerator<Training> {
    for await (const row of this.#rows.follow(id, signal)) yield trainingOf(row);
  }

  async scalars(id: string, access: Access) {
    return (await this.#rows.get(id, access)) ? readScalars(this.runFolder(id)) : [];
  }

  resources(id: string) {
    return trainingResources({ root: this.#dataFolder, run: this.runFolder(id), data: this.#workFolder(id) });
  }

  runFolder(id: string): string {
    return join(this.#dataFolder, 'trainings', safe(id));
  }

  #workFolder(id: string): string {
    return join(this.#dataFolder, 'training-data', safe(id));
  }

  get #ready(): Services {
    if (this.#services) return this.#services;
    throw new VesaliusError('RUNTIME_FAILED', { what: 'trainings', got: 'used before the server was whole' });
  }

  /** Enqueues the one that has waited longest where none is under way. */
  #next(): Promise<void> {
    const turn = this.#turn.then(async () => {
      const { jobs } = this.#ready;
      for (const state of ['waiting', 'running'] as const)
        if ((await jobs.list({ kind: KIND, state, limit: 1 })).length > 0) return;
      const open = (await this.#rows.list(ALL)).filter(({ state }) => state === 'preparing' || state === 'running');
      const first = open.at(-1);
      if (!first) return;
      const { id: training, project, started_by: principal } = first;
      const run = randomUUID();
      await this.#rows.update(training, { job: run });
      await jobs.enqueue({ kind: KIND, input: { training, run }, project, principal });
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #run({ input: { training, run }, signal }: JobContext<JobInput>): Promise<object> {
    const row = await this.#rows.get(training, ALL);
    if (row?.job !== run || row.ended_at !== null) return { training };
    const own = new AbortController();
    this.#stops.set(training, own);
    try {
      if ((await this.#rows.get(training, ALL))?.wanted) own.abort();
      const stop = AbortSignal.any([signal, own.signal]);
      const options = {
        services: this.#ready,
        rows: this.#rows,
        folders: this.#folders(row),
        signal: stop,
        closing: signal,
      };
      const ending = await runTraining(row, options).catch((error: unknown) => this.#endingOf(error, stop));
      return await this.#ended(training, ending, signal);
    } finally {
      this.#stops.delete(training);
    }
  }

  /** What becomes of the training whose process ended so. */
  async #ended(id: string, ending: Ending, server: AbortSignal): Promise<object> {
    const wanted = (await this.#rows.get(id, ALL))?.wanted;
    if (ending.kind === 'interrupted' && wanted === 'pause')
      await this.#rows.update(id, { state: 'paused', wanted: null, job: null, message: null, seconds_left: null });
    else if (ending.kind === 'interrupted' && wanted === 'stop') await this.#finish(id, 'stopped');
    else if (ending.kind === 'interrupted') {
      server.throwIfAborted();
      await this.#finish(id, 'stopped');
    } else if (ending.kind === 'failed') {
      const { code, message } = ending;
      await this.#finish(id, 'failed', { error_code: code, error_message: message });
      throw new VesaliusError('RUNTIME_FAILED', { what: 'training', got: `${code}: ${message}` });
    }
    return { training: id };
  }

  /** Its job has ended, however it did: cancelled, or lost with the server too often. */
  async #settle({ training, run }: JobInput): Promise<void> {
    const row = await this.#rows.get(training, ALL);
    if (row?.job === run && row.ended_at === null) await this.#finish(training, 'stopped');
    await this.#next();
  }

  #endingOf(error: unknown, signal: AbortSignal): Ending {
    if (signal.aborted) return { kind: 'interrupted' };
    if (error instanceof VesaliusError) return { kind: 'failed', code: error.code, message: error.message };
    logFailure(this.#ready.log, error);
    return { kind: 'failed', code: 'DEFECT', message: 'the training failed unexpectedly; the log says where' };
  }

  async #finish(id: string, state: 'stopped' | 'failed', error: Partial<TrainingRow> = {}): Promise<void> {
    const ended_at = new Date().toISOString();
    await this.#rows.update(id, { state, ended_at, wanted: null, message: null, seconds_left: null, ...error });
    await rm(this.#workFolder(id), { recursive: true, force: true });
  }

  async #end(id: string, access: Access, wanted: 'pause' | 'stop'): Promise<boolean> {
    const row = await this.#rows.get(id, access);
    if (!row || row.ended_at !== null) return false;
    if (row.state === 'paused' && wanted === 'pause') return false;
    if (row.job !== null) {
      await this.#rows.update(id, { wanted, message: wanted === 'pause' ? 'pausing' : 'stopping' });
      this.#stops.get(id)?.abort();
    } else if (wanted === 'pause') await this.#rows.update(id, { state: 'paused', message: null });
    else await this.#finish(id, 'stopped');
    return true;
  }

  #folders({ id, request }: TrainingRow): TrainFolders {
    const work = this.#workFolder(id);
    const { name } = JSON.parse(request) as NewTraining;
    return { data: join(work, 'data'), bundle: join(work, `${safe(name)}.bundle`), run: this.runFolder(id) };
  }
}

/** Ids are ours, but a path is only made of one that looks so. */
function safe(id: string): string {
  if (/^[a-z0-9][a-z0-9-]*$/.test(id)) return id;
  throw new VesaliusError('FILE_NOT_FOUND', { what: 'training' });
}
