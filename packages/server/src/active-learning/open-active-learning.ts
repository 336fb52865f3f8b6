import { VesaliusError } from '@vesalius/errors';
import type { Annotations } from '../annotations/annotations.ts';
import { Refusal } from '../http/refusal.ts';
import type { JobContext, JobQueue } from '../jobs/job-queue.ts';
import type { Model, ModelRegistry } from '../models/model-registry.ts';
import type { Access } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import type { SeriesVolumes } from '../volumes/series-volumes.ts';
import type { ActiveLearning, NextRequest, NextSeries } from './active-learning.ts';
import { epistemicScore, mirroredScore } from './score-series.ts';
import type { LearningTables } from './tables.ts';

interface ActiveLearningOptions {
  readonly database: Database;
  readonly annotations: Annotations;
  readonly volumes: SeriesVolumes;
  readonly models: ModelRegistry;
  readonly jobs: JobQueue;
}

const SCORES = { epistemic: epistemicScore, 'test-time-augmentation': mirroredScore };
const JOB = 'active-learning';
/** Of a project at once. */
const MOST = 10_000;

interface ScoreInput {
  readonly model: string;
  readonly strategy: keyof typeof SCORES;
}

/** Wants `learningMigrations` to have run. */
export function openActiveLearning(options: ActiveLearningOptions): ActiveLearning {
  const { annotations, jobs } = options;
  const scores = new Scores(options.database);
  /** By what they score; after a restart one may begin twice, and finds all done. */
  const begun = new Map<string, string>();

  jobs.register<ScoreInput>(JOB, (context) => scoreAll(options, scores, context));

  const ensureJob = async (input: ScoreInput, project: string, principal: string) => {
    const key = JSON.stringify([project, input]);
    const known = await jobs.get(begun.get(key) ?? '');
    if (known?.state === 'waiting' || known?.state === 'running') return;
    begun.set(key, (await jobs.enqueue({ kind: JOB, input, project, principal })).id);
  };
  const any = async (project: string, { strategy, annotator, except }: NextRequest): Promise<NextSeries> => {
    const order = strategy === 'first' ? 'first' : 'random';
    const found = await annotations.unlabelled(project, { annotator, order, limit: 2 });
    const chosen = found.find(({ series }) => series !== except);
    return { strategy, series: chosen?.series ?? null, study: chosen?.study ?? null, score: null, unscored: 0 };
  };

  return {
    next: async (project, request) => {
      const { strategy, annotator, principal, except } = request;
      if (strategy === 'random' || strategy === 'first') return await any(project, request);
      const { id: model } = await modelOf(options.models, project, request);
      const unlabelled = await annotations.unlabelled(project, { annotator, order: 'first', limit: MOST });
      const candidates = unlabelled.filter(({ series }) => series !== except);
      const known = await scores.all({ model, strategy });
      const unscored = candidates.filter(({ series }) => !known.has(series)).length;
      if (unscored > 0) await ensureJob({ model, strategy }, project, principal);
      const [best] = candidates
        .flatMap((each) => ({ ...each, score: known.get(each.series) ?? null }))
        .filter(({ score }) => score !== null)
        .sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
      return best ? { strategy, ...best, unscored, model } : { ...(await any(project, request)), unscored };
    },
  };
}

async function modelOf(models: ModelRegistry, project: string, { model, access }: NextRequest): Promise<Model> {
  if (model !== undefined) {
    const found = await models.get(model, access);
    if (found) return found;
    throw new Refusal('NOT_FOUND', { what: 'model' });
  }
  const newest = (await models.list(access)).find((each) => each.project === project && each.channels.length === 1);
  if (newest) return newest;
  throw new Refusal('CONFLICT', { what: 'model', got: 'none', expected: 'one of the project, with one channel' });
}

/** Series after series, so that what is known by then can be chosen from. */
async function scoreAll(
  options: ActiveLearningOptions,
  scores: Scores,
  context: JobContext<ScoreInput>,
): Promise<object> {
  const { annotations, models } = options;
  const { input, project, signal } = context;
  const access = { projects: [project] };
  const model = await models.get(input.model, access);
  if (!model) return { scored: 0 };
  const known = await scores.all(input);
  const candidates = await annotations.unlabelled(project, { order: 'first', limit: MOST });
  const left = candidates.filter(({ series }) => !known.has(series));
  for (const [i, { series }] of left.entries()) {
    signal.throwIfAborted();
    await scores.keep(
      input,
      series,
      await scoreOf(options, model, { series, access, signal, strategy: input.strategy }),
    );
    context.progress((i + 1) / left.length, `${i + 1} of ${left.length} series`);
  }
  return { scored: left.length };
}

interface ScoreRequest {
  readonly series: string;
  readonly access: Access;
  readonly signal: AbortSignal;
  readonly strategy: keyof typeof SCORES;
}

/** null for a series that is no volume or not for this model: the next one may be. */
async function scoreOf(
  { volumes, models }: ActiveLearningOptions,
  model: Model,
  { series, access, signal, strategy }: ScoreRequest,
): Promise<number | null> {
  try {
    const { volume } = await volumes.read(series, access, signal);
    return await SCORES[strategy]((request) => models.predict(model, request), volume, signal);
  } catch (error) {
    if (error instanceof VesaliusError && error.code !== 'INTERRUPTED' && !signal.aborted) return null;
    throw error;
  }
}

class Scores {
  readonly #tables;

  constructor(database: Database) {
    this.#tables = database.tables<LearningTables>();
  }

  async all({ model, strategy }: ScoreInput): Promise<ReadonlyMap<string, number | null>> {
    const rows = await this.#tables
      .selectFrom('learning_score')
      .select(['series', 'score'])
      .where('model', '=', model)
      .where('strategy', '=', strategy)
      .execute();
    return new Map(rows.map(({ series, score }) => [series, score]));
  }

  async keep({ model, strategy }: ScoreInput, series: string, score: number | null): Promise<void> {
    const row = { model, strategy, series, score, scored_at: new Date().toISOString() };
    await this.#tables
      .insertInto('learning_score')
      .values(row)
      .onConflict((conflict) => conflict.columns(['model', 'strategy', 'series']).doUpdateSet({ score }))
      .execute();
  }
}
