import type { Standing } from '@vesalius/api';
import { api } from '../app/api.ts';
import { connection } from '../app/connection.ts';

const TELL_EVERY_MS = 20_000;
/** The server hears the end of the listening before. */
const AFTER_LISTENING_MS = 500;

/**
 * A page at a label map: it says that it is there and hears of the others. Hidden, it only says so, as browsers give a site few connections that
 * stay open.
 */
export class Attendance {
  readonly #annotation: string;
  readonly #told: (standing: Standing) => void;
  readonly #tab = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16)).join('');
  readonly #beat: ReturnType<typeof setInterval>;
  #events: EventSource | undefined;
  #left = false;

  constructor(annotation: string, told: (standing: Standing) => void) {
    this.#annotation = annotation;
    this.#told = told;
    this.#beat = setInterval(() => void this.#tell().catch(() => undefined), TELL_EVERY_MS);
    document.addEventListener('visibilitychange', this.#onVisibility);
    addEventListener('pagehide', this.#onLeave);
    addEventListener('pageshow', this.#onVisibility);
  }

  /** The first standing; further ones come as they change. @throws ApiRefusal, TypeError where no answer comes */
  async begin(): Promise<Standing> {
    const standing = await this.#call();
    this.#listen();
    return standing;
  }

  /** This page edits from now on; the other one is told. */
  takeOver(): Promise<void> {
    return this.#tell('take over');
  }

  close(): void {
    clearInterval(this.#beat);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    removeEventListener('pagehide', this.#onLeave);
    removeEventListener('pageshow', this.#onVisibility);
    this.#onLeave();
    this.#left = true;
  }

  #call(act?: 'take over'): Promise<Standing> {
    const body = { tab: this.#tab, ...(act && { act }) };
    return api.call('tellPresence', { params: { annotation: this.#annotation }, body });
  }

  async #tell(act?: 'take over'): Promise<void> {
    const standing = await this.#call(act);
    if (this.#left) return;
    this.#told(standing);
    this.#listen();
  }

  #listen(): void {
    if (this.#left || document.hidden) return;
    if (this.#events && this.#events.readyState !== EventSource.CLOSED) return;
    this.#events = new EventSource(`/api/annotations/${this.#annotation}/presence?tab=${this.#tab}`);
    this.#events.addEventListener('presence', ({ data }) => this.#told(JSON.parse(data) as Standing));
    this.#events.addEventListener('error', connection.suspect);
  }

  #endListening(): void {
    this.#events?.close();
    this.#events = undefined;
  }

  readonly #onVisibility = (): void => {
    if (document.hidden) {
      this.#endListening();
      setTimeout(() => void this.#tell().catch(() => undefined), AFTER_LISTENING_MS);
    } else this.#listen();
  };

  readonly #onLeave = (): void => {
    this.#endListening();
    const body = JSON.stringify({ tab: this.#tab, act: 'leave' });
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'PUT', keepalive: true, headers, body };
    void fetch(`/api/annotations/${this.#annotation}/presence`, request).catch(() => undefined);
  };
}
