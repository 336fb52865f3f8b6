import type { AuditEvent } from '../audit/audit-log.ts';
import type { Services } from '../services.ts';

/** The audit log as associations write to it: nobody waits, and closing waits for all. */
export class AuditTrail {
  readonly #services: Pick<Services, 'audit' | 'log'>;
  readonly #pending = new Set<Promise<void>>();

  constructor(services: Pick<Services, 'audit' | 'log'>) {
    this.#services = services;
  }

  record(event: AuditEvent): void {
    const { audit, log } = this.#services;
    const written = audit
      .record(event)
      .catch((error) => log.error(error, 'audit event not written'))
      .finally(() => this.#pending.delete(written));
    this.#pending.add(written);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
