import { EventEmitter, once } from 'node:events';
import type { NewTraining } from '@vesalius/api';
import type { Access } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import { holds } from '../store/holds.ts';
import type { TrainingRow, TrainingTables } from './tables.ts';
import type { Training } from './trainings.ts';

/** The table of trainings; whoever follows one is told of its changes. */
export class TrainingRows {
  readonly #database: Database;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  constructor(database: Database) {
    this.#database = database;
  }

  async list({ projects }: Access): Promise<readonly TrainingRow[]> {
    let query = this.#trainings.selectFrom('training').selectAll().orderBy('created_at', 'desc').orderBy('id');
    if (projects !== 'all') query = query.where('project', 'in', projects.length > 0 ? [...projects] : ['']);
    return query.execute();
  }

  async get(id: string, access: Access): Promise<TrainingRow | undefined> {
    const row = await this.#trainings.selectFrom('training').selectAll().where('id', '=', id).executeTakeFirst();
    return row && holds(access, row.project) ? row : undefined;
  }

  async insert(row: TrainingRow): Promise<void> {
    await this.#trainings.insertInto('training').values(row).execute();
  }

  async update(id: string, change: Partial<TrainingRow>): Promise<void> {
    await this.#trainings.updateTable('training').set(change).where('id', '=', id).execute();
    this.#changes.emit(id);
  }

  /** Nothing depends on it: the next one tells more. */
  tell(id: string, change: Partial<TrainingRow>): void {
    this.update(id, change).catch(() => undefined);
  }

  async remove(id: string): Promise<void> {
    await this.#trainings.deleteFrom('training').where('id', '=', id).execute();
    this.#changes.emit(id);
  }

  /** The row at once and after each change. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<TrainingRow> {
    let before = '';
    while (!signal.aborted) {
      const change = once(this.#changes, id, { signal }).catch(() => undefined);
      const row = await this.get(id, { projects: 'all' });
      if (!row) return;
      const now = JSON.stringify(row);
      if (now !== before) yield row;
      before = now;
      if (row.ended_at !== null) return;
      await change;
    }
  }

  get #trainings() {
    return this.#database.tables<TrainingTables>();
  }
}

/** As the API tells it. */
export function trainingOf(row: TrainingRow): Training {
  const { error_code: code, error_message: message } = row;
  const request = JSON.parse(row.request) as NewTraining;
  return {
    id: row.id,
    name: request.name,
    project: row.project,
    state: row.state,
    request,
    progress: row.progress,
    cases: row.cases,
    startedBy: row.started_by,
    createdAt: row.created_at,
    ...(row.message !== null && { message: row.message }),
    ...(row.seconds_left !== null && { secondsLeft: row.seconds_left }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.model !== null && { model: row.model }),
    ...(code !== null && { error: { code, message: message ?? '' } }),
  };
}
