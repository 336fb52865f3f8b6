import type { AuditTrail } from './audit-trail.ts';
import type { Caller } from './caller.ts';

/** What one association did, for the audit log: one event when a study begins to come in or go out, one with the count at the end. */
export class Session {
  readonly caller: Caller;
  readonly #trail: AuditTrail;
  readonly #transfers = new Map<
    string,
    { readonly action: 'stored' | 'retrieved'; readonly study: string; count: number }
  >();

  constructor(caller: Caller, trail: AuditTrail) {
    this.caller = caller;
    this.#trail = trail;
  }

  /** Counts an instance that came in or went out. */
  transferred(action: 'stored' | 'retrieved', study: string): void {
    const key = `${action} ${study}`;
    const transfer = this.#transfers.get(key);
    if (transfer) transfer.count++;
    else {
      this.#transfers.set(key, { action, study, count: 1 });
      this.record(action, { study, detail: 'begun' });
    }
  }

  record(
    action: string,
    {
      study,
      detail,
      outcome = 'success',
    }: { study?: string; detail?: string; outcome?: 'success' | 'minor failure' } = {},
  ): void {
    this.#trail.record({
      action,
      outcome,
      principal: this.caller.aeTitle,
      from: this.caller.from,
      ...(study === undefined ? {} : { entities: [{ kind: 'study', id: study }] }),
      ...(detail === undefined ? {} : { detail }),
    });
  }

  end(): void {
    for (const { action, study, count } of this.#transfers.values())
      this.record(action, { study, detail: `${count} instances` });
  }
}
