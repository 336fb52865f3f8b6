import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { readFileBytes } from '@vesalius/bundle/files';
import { readWeights, sgd, writeSafetensors } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { cryptographicNormal, noiseFor, PrivacyLedger } from '@vesalius/federated';
import {
  type ClassifierScorer,
  type ClassifierTrainer,
  computeAveragePrecision,
  computeRocAuc,
  countOf,
  createClassifierScorer,
  createClassifierTrainer,
  type LabelledImages,
} from '@vesalius/medical';
import type { WorkerCalls } from '@vesalius/server';
import { batchBound, classifierNetwork, PROXIMAL_WEIGHT } from './classifier-network.ts';
import { type ImageSet, readImages } from './read-images.ts';
import { setAside } from './simulate.ts';

type Asked = {
  readonly [Name in keyof WorkerCalls]: { readonly call: Name } & WorkerCalls[Name]['ask'];
}[keyof WorkerCalls];

const SCORED_AT_ONCE = 64;
const BINS = 100;

/** Answers the calls of a server, one JSON a line, until its input ends. */
export async function work(input: NodeJS.ReadableStream, write: (line: string) => unknown): Promise<void> {
  const worker = new Worker();
  for await (const line of createInterface({ input })) {
    const answered = await worker.answer(JSON.parse(line) as Asked).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error: problemOf(error) }),
    );
    write(`${JSON.stringify(answered)}\n`);
  }
  await worker.close();
}

function problemOf(error: unknown): { code: string; what: string } {
  if (error instanceof VesaliusError) return { code: error.code, what: error.details.what };
  return { code: 'RUNTIME_FAILED', what: String(error) };
}

interface SiteData {
  readonly data: string;
  readonly validation?: string;
}

/** Networks stay compiled and data stay read from call to call. */
class Worker {
  #trainer: { readonly key: string; readonly made: ClassifierTrainer } | undefined;
  #scorer: { readonly key: string; readonly made: ClassifierScorer } | undefined;
  #data: { readonly key: string; readonly parts: { training: ImageSet; validation: LabelledImages } } | undefined;

  async answer(asked: Asked): Promise<object> {
    switch (asked.call) {
      case 'first':
        return this.#first(asked);
      case 'sheet':
        return this.#sheet(asked);
      case 'spend':
        return spend(asked);
      case 'train':
        return this.#train(asked);
      case 'evaluate':
        return this.#evaluate(asked);
    }
  }

  async close(): Promise<void> {
    await this.#trainer?.made.close();
    await this.#scorer?.made.close();
  }

  async #first({
    plan: { imageShape, seed },
    out,
  }: WorkerCalls['first']['ask']): Promise<WorkerCalls['first']['answer']> {
    const setup = { network: classifierNetwork(imageShape), imageShape, batchSize: 1, optimizer: sgd() };
    const trainer = await createClassifierTrainer(setup, { seed, threads: 1 });
    await writeWeights(out, trainer.weights());
    const layers = trainer.parameters.map(({ name, shape }) => ({ name, shape: [...shape] }));
    await trainer.close();
    return { layers };
  }

  async #sheet(asked: SiteData): Promise<WorkerCalls['sheet']['answer']> {
    const { training, validation } = await this.#read(asked);
    const positives = training.labels.reduce((sum, label) => sum + label, 0);
    const examples = countOf(training);
    return {
      examples,
      validationExamples: countOf(validation),
      examplesOfClass: [examples - positives, positives],
      imageShape: training.imageShape,
    };
  }

  async #train({
    plan,
    weights,
    out,
    seed,
    noiseMultiplier,
    ...data
  }: WorkerCalls['train']['ask']): Promise<WorkerCalls['train']['answer']> {
    const { training } = await this.#read(data);
    assertShape(training.imageShape, plan.imageShape);
    const { batch, privacy, strategy, imageShape, localSteps, learningRate } = plan;
    const isPrivate = privacy !== undefined && noiseMultiplier !== undefined;
    const trainer = await this.#trainerFor({
      network: classifierNetwork(imageShape),
      imageShape,
      batchSize: isPrivate ? batchBound(batch) : batch,
      optimizer: sgd(),
      flipAxes: imageShape.slice(1).map((_, axis) => axis),
      ...(isPrivate && {
        privacy: {
          clipNorm: privacy.clipNorm,
          noiseMultiplier,
          sampleRate: Math.min(1, batch / countOf(training)),
          noise: cryptographicNormal,
        },
      }),
      ...(strategy === 'fedprox' && { proximalWeight: PROXIMAL_WEIGHT }),
    });
    trainer.start(await readModel(weights));
    const { loss } = await trainer.train(training, { steps: localSteps, seed, learningRate });
    await writeWeights(out, trainer.weights());
    // The loss of a private training is not private.
    return isPrivate ? {} : { loss };
  }

  async #evaluate({
    plan,
    weights,
    ...data
  }: WorkerCalls['evaluate']['ask']): Promise<WorkerCalls['evaluate']['answer']> {
    const { validation } = await this.#read(data);
    const { imageShape } = plan;
    const key = JSON.stringify(imageShape);
    if (this.#scorer?.key !== key) {
      await this.#scorer?.made.close();
      const setup = { network: classifierNetwork(imageShape), imageShape, batchSize: SCORED_AT_ONCE };
      this.#scorer = { key, made: await createClassifierScorer(setup, { threads: 1 }) };
    }
    const scores = (await this.#scorer.made.score(await readModel(weights), validation)).filter((_, i) => i % 2 === 1);
    const counts = [0, 1].map((label) => {
      const bins = new Array<number>(BINS).fill(0);
      for (const [i, score] of scores.entries())
        if (validation.labels[i] === label) {
          const bin = Math.min(BINS - 1, Math.floor(score * BINS));
          bins[bin] = (bins[bin] ?? 0) + 1;
        }
      return bins;
    });
    return {
      auc: computeRocAuc(scores, validation.labels),
      averagePrecision: computeAveragePrecision(scores, validation.labels),
      negatives: counts[0] ?? [],
      positives: counts[1] ?? [],
    };
  }

  async #trainerFor(setup: Parameters<typeof createClassifierTrainer>[0]): Promise<ClassifierTrainer> {
    const key = JSON.stringify(setup, (name, value) => (name === 'optimizer' ? undefined : value));
    if (this.#trainer?.key !== key) {
      await this.#trainer?.made.close();
      this.#trainer = { key, made: await createClassifierTrainer(setup, { seed: 0, threads: 1 }) };
    }
    return this.#trainer.made;
  }

  async #read({ data, validation }: SiteData) {
    const key = JSON.stringify([data, validation]);
    if (this.#data?.key !== key) {
      const all = await readImages(data);
      const parts =
        validation === undefined ? setAside(all) : { training: all, validation: await readImages(validation) };
      this.#data = { key, parts };
    }
    return this.#data.parts;
  }
}

function spend({ plan, examples, budget, spent, steps }: WorkerCalls['spend']['ask']): WorkerCalls['spend']['answer'] {
  const { privacy, batch, rounds, localSteps } = plan;
  if (!privacy) throw new VesaliusError('INVALID_ARGUMENT', { what: 'plan', got: 'no privacy' });
  const sampleRate = Math.min(1, batch / examples);
  const all = { sampleRate, steps: rounds * localSteps };
  const noiseMultiplier = noiseFor(privacy.epsilon, all, privacy.delta);
  const ledger = new PrivacyLedger({ budget, spent });
  if (steps > 0) ledger.spend({ noiseMultiplier, sampleRate, steps });
  return { state: ledger.state, epsilon: ledger.epsilon, noiseMultiplier };
}

function assertShape(got: readonly number[], expected: readonly number[]): void {
  if (got.join() === expected.join()) return;
  throw new VesaliusError('DATA_MISMATCH', { what: 'shape of the images', got, expected });
}

async function readModel(file: string): Promise<Map<string, Float32Array>> {
  const weights = await readWeights(await readFileBytes(file), file);
  return new Map([...weights].map(([name, { data }]) => [name, data as Float32Array]));
}

async function writeWeights(file: string, weights: ReadonlyMap<string, Float32Array>): Promise<void> {
  const all = [...weights].map(([name, data]) => {
    const tensor = { shape: [data.length], dtype: 'float32', data: Float32Array.from(data) } as const;
    return [name, tensor] as const;
  });
  await writeFile(file, writeSafetensors(new Map(all)), { mode: 0o600 });
}
