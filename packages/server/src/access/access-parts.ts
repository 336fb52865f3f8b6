import type { FastifyRequest } from 'fastify';
import type { AuditEvent, AuditLog } from '../audit/audit-log.ts';
import type { Settings } from '../settings.ts';
import type { Clients } from './clients.ts';
import type { OpenId } from './open-id.ts';
import type { Projects } from './projects.ts';
import type { Sessions } from './sessions.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';
import type { Tokens } from './tokens.ts';
import type { Users } from './users.ts';

/** What the routes of access stand on. */
export interface AccessParts {
  readonly settings: Settings;
  readonly audit: AuditLog;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly projects: Projects;
  readonly clients: Clients;
  readonly openId: OpenId | undefined;
  readonly throttled: SignInThrottle;
  /** The server's address as this client sees it, without a slash at its end. */
  urlOf(request: FastifyRequest): string;
  /** Writes into the audit log who did it and from where; a success where nothing else is said. */
  note(request: FastifyRequest, event: Pick<AuditEvent, 'action'> & Partial<AuditEvent>): Promise<void>;
}
