import {
  compile,
  elementCount,
  initialValues,
  inspectOnnx,
  type Program,
  RANDOM_KEY,
  scalarValue,
  type TensorValue,
  toOnnx,
  type Variable,
} from '@vesalius/engine';
import { median } from '../peers/alternate.ts';

/** A network as it is trained and as it predicts one patch. */
export interface CostedNetwork {
  readonly name: string;
  readonly train: () => Promise<Trained>;
  readonly prediction: { readonly program: Program; readonly variables: readonly Variable[] };
  /** Of the prediction. */
  readonly feeds: Readonly<Record<string, TensorValue>>;
}

interface Trained {
  advance(totalSteps: number): Promise<unknown>;
  close(): Promise<void>;
}

/** Seconds of one thread, medians over the rounds. */
export interface NetworkCost {
  readonly parameters: number;
  /** Of one patch, forward. */
  readonly flops: number;
  readonly stepSeconds: number;
  readonly predictSeconds: number;
}

const WARM_UP = 2;

/** Every network in turn in every round, so that what else the machine does falls on all alike. */
export async function networkCosts(
  networks: readonly CostedNetwork[],
  rounds: number,
): Promise<Map<string, NetworkCost>> {
  const steps = await alternated(networks, rounds, async ({ train }) => {
    const trainer = await train();
    return { run: () => trainer.advance(rounds + WARM_UP), close: () => trainer.close() };
  });
  const predictions = await alternated(networks, rounds, async ({ prediction: { program, variables }, feeds }) => {
    const compiled = await compile(program, { threads: 1 });
    for (const [name, value] of initialValues(variables, 0)) compiled.writeState(name, value);
    return {
      run: () => compiled.run({ ...feeds, [RANDOM_KEY]: scalarValue(0, 'int64') }),
      close: () => compiled.close(),
    };
  });
  const costs = new Map<string, NetworkCost>();
  for (const { name, prediction } of networks) {
    const sizes = prediction.variables
      .filter(({ trainable }) => trainable)
      .map(({ tensor }) => elementCount(tensor.shape));
    costs.set(name, {
      parameters: sizes.reduce((sum, size) => sum + size, 0),
      flops: (await inspectOnnx(toOnnx(prediction.program.outputs), {}, { threads: 1 })).flops,
      stepSeconds: steps.get(name) ?? Number.NaN,
      predictSeconds: predictions.get(name) ?? Number.NaN,
    });
  }
  return costs;
}

interface Work {
  run(): Promise<unknown>;
  close(): Promise<void>;
}

/** Median CPU seconds of one run of each. */
async function alternated(
  networks: readonly CostedNetwork[],
  rounds: number,
  open: (network: CostedNetwork) => Promise<Work>,
): Promise<Map<string, number>> {
  const works: { name: string; work: Work; seconds: number[] }[] = [];
  for (const network of networks) works.push({ name: network.name, work: await open(network), seconds: [] });
  for (let round = 0; round < rounds + WARM_UP; round++) {
    for (const { work, seconds } of works) {
      const before = process.cpuUsage();
      await work.run();
      const { user, system } = process.cpuUsage(before);
      if (round >= WARM_UP) seconds.push((user + system) / 1e6);
    }
  }
  for (const { work } of works) await work.close();
  return new Map(works.map(({ name, seconds }) => [name, median(seconds)]));
}
