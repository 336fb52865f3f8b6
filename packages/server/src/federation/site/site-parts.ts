import type { PrivacyBudget } from '@vesalius/federated';
import type { FastifyBaseLogger } from 'fastify';
import type { Kysely } from 'kysely';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { KeyAndCertificate } from '../certificates/authority.ts';
import type { SealedFiles } from '../certificates/sealed-file.ts';
import type { FederationTables } from '../tables.ts';
import type { FederationWorker } from '../worker.ts';

/** What a site's owner said when it joined. */
export interface SiteSettings {
  readonly url: string;
  readonly authority: string;
  readonly certificateEnds: string;
  readonly data: string;
  readonly validation?: string;
  readonly project: string;
  readonly minimumCohort: number;
  readonly budget?: PrivacyBudget;
}

export interface SiteParts {
  readonly tables: Kysely<FederationTables>;
  readonly files: SealedFiles;
  readonly folder: string;
  readonly worker: FederationWorker;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly log: FastifyBaseLogger;
  readonly messageBytes: number;
  readCertificate(federation: string): Promise<KeyAndCertificate>;
  keepCertificate(federation: string, own: KeyAndCertificate): Promise<void>;
}
