import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { VesaliusError } from '@vesalius/errors';

/** A measured process that stays warm between requests: one JSON line each way. */
export class LineProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #title: string;

  private constructor(program: string, args: readonly string[]) {
    this.#title = args.join(' ');
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const output = this.#child.stdout as NodeJS.ReadableStream;
    this.#lines = createInterface({ input: output })[Symbol.asyncIterator]();
  }

  /**
   * Starts a program and waits until it stands ready, its libraries loaded.
   *
   * @throws RUNTIME_FAILED when it ends before
   */
  static async start(program: string, args: readonly string[]): Promise<LineProcess> {
    const started = new LineProcess(program, args);
    await started.#reply('start');
    return started;
  }

  /** @throws RUNTIME_FAILED when the process ends in place of an answer; its own words are on stderr */
  async ask<Reply>(request: { readonly do: string; readonly [name: string]: unknown }): Promise<Reply> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return (await this.#reply(request.do)) as Reply;
  }

  async #reply(what: string): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (!done) return JSON.parse(value);
    throw new VesaliusError('RUNTIME_FAILED', { what: `${what} of ${this.#title}`, got: 'the end of the process' });
  }

  /** Memory held now and the most held so far, in bytes: VmRSS and VmHWM, which Linux alone tells. */
  memory(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
    return { now: field('VmRSS'), peak: field('VmHWM') };
  }

  /** Ends the process and waits until it is gone. */
  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode !== null) return;
    this.#child.stdin?.end();
    await gone;
  }
}
