import { randomUUID } from 'node:crypto';
import type { SearchRequest, WithId } from '@medplum/core';
import {
  type CreateResourceOptions,
  type DeleteResourceOptions,
  FhirRepository,
  type ReadHistoryOptions,
  type UpdateResourceOptions,
} from '@medplum/fhir-router';
import type { Bundle, BundleEntry, Parameters, Reference, Resource, ResourceType } from '@medplum/fhirtypes';
import type { Kysely, Transaction } from 'kysely';
import { applyPatch, type Operation } from 'rfc6902';
import type { Access } from '../store/archive.ts';
import { holds } from '../store/holds.ts';
import type { ArchiveTables } from '../store/tables.ts';
import { contentsOf } from './contents.ts';
import type { Definitions } from './definitions.ts';
import { historyEntry } from './history.ts';
import { badSearch, conflict, forbidden, gone, notAllowed, notFound, versionDiffers } from './outcomes.ts';
import { isKeptType } from './resource-types.ts';
import { search } from './search.ts';
import { searchValues } from './search-values.ts';
import type { FhirTables, ResourceTable } from './tables.ts';
import { demandValid } from './validate.ts';
import { writeValues } from './write-values.ts';

export interface RepositoryContext {
  readonly db: Kysely<FhirTables & ArchiveTables>;
  readonly definitions: Definitions;
  readonly read: Access;
  readonly write: Access;
  /** Where new resources go. */
  readonly project: string;
  /** Address of the server's FHIR root. */
  readonly base: string;
  /** Told of what was written, once it is kept. */
  written(changes: readonly Written[]): Promise<void>;
}

export interface Written {
  readonly project: string;
  readonly resource: WithId<Resource>;
}

/** Resources on the database, narrowed to the projects of who asks. */
export class Repository extends FhirRepository {
  readonly context: RepositoryContext;
  readonly #inTransaction: boolean;
  readonly #written: Written[];

  constructor(context: RepositoryContext, transaction?: { readonly written: Written[] }) {
    super();
    this.context = context;
    this.#inTransaction = transaction !== undefined;
    this.#written = transaction?.written ?? [];
  }

  /** All reads and writes go to the same database. */
  setMode(): void {}

  generateId(): string {
    return randomUUID();
  }

  async createResource<T extends Resource>(resource: T, options?: CreateResourceOptions): Promise<WithId<T>> {
    const id = options?.assignedId && resource.id ? resource.id : this.generateId();
    return this.#keep({ ...resource, id }, 'POST');
  }

  async updateResource<T extends Resource>(resource: T, options?: UpdateResourceOptions): Promise<WithId<T>> {
    if (!/^[A-Za-z0-9\-.]{1,64}$/.test(resource.id ?? '')) throw badSearch('the resource has no proper id');
    return this.#keep(resource as WithId<T>, 'PUT', options?.ifMatch);
  }

  async readResource<T extends Resource>(type: string, id: string): Promise<WithId<T>> {
    const row = await this.#row(type, id);
    if (row.deleted === 1) throw gone();
    const [resource] = await contentsOf(this.context.db, [row]);
    if (resource === undefined) throw notFound();
    return resource as WithId<T>;
  }

  async readReference<T extends Resource>({ reference = '' }: Reference<T>): Promise<WithId<T>> {
    const [type = '', id = '', ...rest] = reference.replace(`${this.context.base}/`, '').split('/');
    if (rest.length > 0 || !isKeptType(type)) throw notFound();
    return this.readResource<T>(type, id);
  }

  async readReferences<T extends Resource>(references: readonly Reference<T>[]): Promise<(T | Error)[]> {
    const found: (T | Error)[] = [];
    for (const reference of references)
      found.push(await this.readReference<T>(reference).catch((error: unknown) => error as Error));
    return found;
  }

  async readVersion<T extends Resource>(type: string, id: string, vid: string): Promise<WithId<T>> {
    const row = await this.#row(type, id);
    if (row.deleted === 0 && vid === String(row.version)) return this.readResource<T>(type, id);
    const version = await this.context.db
      .selectFrom('fhir_version')
      .selectAll()
      .where('key', '=', row.key)
      .where('version', '=', Number(vid) || 0)
      .executeTakeFirst();
    if (version === undefined) throw notFound();
    if (version.content === null) throw gone();
    const [resource] = await contentsOf(this.context.db, [{ ...row, ...version }]);
    return resource as WithId<T>;
  }

  async readHistory<T extends Resource>(
    type: string,
    id: string,
    { offset = 0, limit = 100 }: ReadHistoryOptions = {},
  ): Promise<Bundle<WithId<T>>> {
    const row = await this.#row(type, id);
    const versions = await this.context.db
      .selectFrom('fhir_version')
      .selectAll()
      .where('key', '=', row.key)
      .orderBy('version', 'desc')
      .limit(Math.min(limit, 1000))
      .offset(offset)
      .execute();
    const latest = { ...row, method: 'PUT' as const };
    const all =
      versions.some(({ version }) => version === row.version) || offset > 0 ? versions : [latest, ...versions];
    const { db, base } = this.context;
    const entry: BundleEntry[] = [];
    for (const version of all) entry.push(await historyEntry(db, { ...row, ...version }, base));
    return { resourceType: 'Bundle', type: 'history', total: all.length, entry: entry as BundleEntry<WithId<T>>[] };
  }

  async deleteResource(type: string, id: string, options?: DeleteResourceOptions): Promise<void> {
    await this.withTransaction(async (repository) => {
      const row = await repository.#row(type, id);
      if (row.deleted === 1) return;
      repository.#demandWritable(row, options?.ifMatch);
      const { db } = repository.context;
      const [version, updated_at] = [row.version + 1, new Date().toISOString()];
      await db
        .updateTable('fhir_resource')
        .set({ version, updated_at, deleted: 1, content: null })
        .where('key', '=', row.key)
        .execute();
      await db
        .insertInto('fhir_version')
        .values({ key: row.key, version, updated_at, method: 'DELETE', content: null })
        .execute();
      await db.deleteFrom('fhir_value').where('key', '=', row.key).execute();
    });
  }

  async patchResource<T extends Resource>(
    type: ResourceType,
    id: string,
    patch: Operation[] | Parameters,
    options?: UpdateResourceOptions,
  ): Promise<WithId<T>> {
    if (!Array.isArray(patch)) throw notAllowed('patches are taken as JSON Patch');
    return this.withTransaction(async (repository) => {
      const resource = structuredClone(await repository.readResource<T>(type, id));
      const failed = applyPatch(resource, patch).find((error) => error !== null);
      if (failed) throw badSearch(`the patch does not fit: ${failed.message}`);
      if (resource.id !== id || resource.resourceType !== type) throw badSearch('a patch changes neither type nor id');
      return repository.updateResource(resource, options);
    });
  }

  async search<T extends Resource>(request: SearchRequest<T>): Promise<Bundle<WithId<T>>> {
    return (await search(this, request as SearchRequest)) as Bundle<WithId<T>>;
  }

  async searchByReference<T extends Resource>(
    request: SearchRequest<T>,
    field: string,
    references: string[],
  ): Promise<Record<string, WithId<T>[]>> {
    const found: Record<string, WithId<T>[]> = {};
    for (const reference of references) {
      const filters = [...(request.filters ?? []), { code: field, operator: 'eq' as never, value: reference }];
      found[reference] = await this.searchResources<T>({ ...request, filters });
    }
    return found;
  }

  async withTransaction<Result>(callback: (repository: this) => Promise<Result>): Promise<Result> {
    if (this.#inTransaction) return callback(this);
    const written: Written[] = [];
    const result = await this.context.db
      .transaction()
      .execute((db) => callback(new Repository({ ...this.context, db }, { written }) as this));
    await this.context.written(written);
    return result;
  }

  /** @throws 404 for what is not there or not to be seen */
  async #row(type: string, id: string): Promise<ResourceTable> {
    const row = await this.#anyRow(type, id);
    if (row === undefined || !holds(this.context.read, row.project)) throw notFound();
    return row;
  }

  #anyRow(type: string, id: string): Promise<ResourceTable | undefined> {
    if (!isKeptType(type)) throw notFound();
    return this.context.db
      .selectFrom('fhir_resource')
      .selectAll()
      .where('key', '=', `${type}/${id}`)
      .executeTakeFirst();
  }

  #demandWritable(row: ResourceTable, ifMatch: string | undefined): void {
    if (row.origin === 'archive') throw notAllowed('this resource follows from the archive and is not written');
    if (!holds(this.context.write, row.project)) throw forbidden('resources of this project may not be written');
    if (ifMatch !== undefined && ifMatch !== String(row.version)) throw versionDiffers(`the version is ${row.version}`);
  }

  async #keep<T extends Resource>(resource: WithId<T>, method: 'POST' | 'PUT', ifMatch?: string): Promise<WithId<T>> {
    const { resourceType: type, id } = resource;
    if (!isKeptType(type)) throw notFound('resources of this type are not kept here');
    if (type === 'AuditEvent') throw notAllowed('audit events are written by the server alone');
    demandValid(this.context.definitions, resource);
    return this.withTransaction(async (repository) => {
      const known = await repository.#anyRow(type, id);
      if (known && !holds(this.context.read, known.project)) throw conflict('the id is taken');
      if (known) repository.#demandWritable(known, ifMatch);
      else if (ifMatch !== undefined) throw versionDiffers('there is no such resource');
      const project = known?.project ?? this.context.project;
      if (!holds(this.context.write, project)) throw forbidden('resources of this project may not be written');
      return repository.#write({ resource, method, project, version: (known?.version ?? 0) + 1 });
    });
  }

  async #write<T extends Resource>({ resource, method, project, version }: Writing<T>): Promise<WithId<T>> {
    const { definitions } = this.context;
    const db = this.context.db as Transaction<FhirTables & ArchiveTables>;
    const { resourceType: type, id } = resource;
    const [key, updated_at] = [`${type}/${id}`, new Date().toISOString()];
    const kept = { ...resource, meta: { ...resource.meta, versionId: String(version), lastUpdated: updated_at } };
    const content = JSON.stringify(kept);
    const changed = { version, updated_at, deleted: 0, content };
    await db
      .insertInto('fhir_resource')
      .values({ key, type, id, project, origin: 'client', ...changed })
      .onConflict((there) => there.column('key').doUpdateSet(changed))
      .execute();
    await db.insertInto('fhir_version').values({ key, version, updated_at, method, content }).execute();
    await writeValues(db, { key, type, values: searchValues(definitions, kept) });
    this.#written.push({ project, resource: kept });
    return kept;
  }
}

interface Writing<T extends Resource> {
  readonly resource: WithId<T>;
  readonly method: 'POST' | 'PUT';
  readonly project: string;
  readonly version: number;
}
