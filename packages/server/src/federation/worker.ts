import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { VesaliusError } from '@vesalius/errors';
import type { LedgerState, PrivacyBudget } from '@vesalius/federated';
import type { Settings } from '../settings.ts';
import type { FederationPlan } from './plan.ts';

export interface SheetAnswer {
  readonly examples: number;
  readonly validationExamples: number;
  readonly examplesOfClass: readonly number[];
  readonly imageShape: readonly number[];
}

export interface EvaluationAnswer {
  readonly auc: number;
  readonly averagePrecision: number;
  /** Images of each class by their score, in bins of equal width. */
  readonly negatives: readonly number[];
  readonly positives: readonly number[];
}

interface SiteData {
  readonly data: string;
  readonly validation?: string;
}

/** What is computed beside the server, in a process of its own: `vesalius federate work`. */
export interface WorkerCalls {
  /** Writes the weights to begin with. */
  first: {
    ask: { plan: Pick<FederationPlan, 'imageShape' | 'seed'>; out: string };
    answer: { layers: FederationPlan['layers'] };
  };
  sheet: { ask: SiteData; answer: SheetAnswer };
  /** Adds the steps of a round to what was spent, or refuses them. */
  spend: {
    ask: {
      plan: FederationPlan;
      examples: number;
      budget: PrivacyBudget;
      spent: LedgerState['spent'];
      /** Of this round; 0 where they stand in the ledger already. */
      steps: number;
    };
    answer: { state: LedgerState; epsilon: number; noiseMultiplier: number };
  };
  /** From weights in one file to weights in another. */
  train: {
    ask: SiteData & { plan: FederationPlan; weights: string; out: string; seed: string; noiseMultiplier?: number };
    answer: { loss?: number };
  };
  evaluate: { ask: SiteData & { plan: FederationPlan; weights: string }; answer: EvaluationAnswer };
}

interface Waiting {
  readonly done: (answer: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** One process that answers one call after another; begun at the first call, and again when it ended. */
export class FederationWorker {
  readonly #program: Settings['program'];
  #child: ChildProcessByStdio<Writable, Readable, null> | undefined;
  readonly #waiting: Waiting[] = [];

  constructor(program: Settings['program']) {
    this.#program = program;
  }

  /** @throws what the process says; DEPENDENCY_MISSING where there is none, RUNTIME_FAILED when it was ended */
  call<Name extends keyof WorkerCalls>(
    name: Name,
    ask: WorkerCalls[Name]['ask'],
  ): Promise<WorkerCalls[Name]['answer']> {
    return new Promise((done, failed) => {
      this.#waiting.push({ done: done as (answer: unknown) => void, failed });
      try {
        this.#child ??= this.#begin();
        this.#child.stdin.write(`${JSON.stringify({ call: name, ...ask })}\n`);
      } catch (error) {
        this.#waiting.pop();
        failed(error);
      }
    });
  }

  close(): void {
    this.#child?.kill('SIGKILL');
  }

  #begin(): ChildProcessByStdio<Writable, Readable, null> {
    if (!this.#program) throw new VesaliusError('DEPENDENCY_MISSING', { what: 'program that trains' });
    const { command, args } = this.#program;
    // It ends when its input does: with the server, however that ends.
    const child = spawn(command, [...args, 'federate', 'work'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    child.on('spawn', () => setPriority(child.pid ?? 0, constants.priority.PRIORITY_BELOW_NORMAL));
    child.stdin.on('error', () => undefined);
    createInterface(child.stdout).on('line', (line) => this.#hear(line));
    const end = () => {
      if (this.#child === child) this.#child = undefined;
      for (const { failed } of this.#waiting.splice(0))
        failed(new VesaliusError('RUNTIME_FAILED', { what: 'the process that trains', got: 'ended' }));
    };
    child.on('error', end).on('close', end);
    return child;
  }

  #hear(line: string): void {
    const { answer, error } = JSON.parse(line) as { answer?: unknown; error?: { code: never; what: string } };
    const waiting = this.#waiting.shift();
    if (error) waiting?.failed(new VesaliusError(error.code, { what: error.what }));
    else waiting?.done(answer);
  }
}
