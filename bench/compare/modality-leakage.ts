import { Random } from '@vesalius/engine';
import { createModalityBatches, measureLeakage } from '@vesalius/methods';
import type { Results } from '../results-store.ts';
import { CODES, DISENTANGLED } from './disentangle-methods.ts';
import { type ModalityCase, type ModalityData, withModalities } from './modality-cases.ts';
import { SETUP } from './modality-methods.ts';
import type { Inspection, ModalityRun } from './modality-runs.ts';

/** Of a fresh classifier: patients that the network was trained on, half of those set aside, and the other half. */
const PROBE = { steps: 120, patchesEach: 8, threads: 1 } as const;

export const LEAKAGE_COLUMNS = ['accuracy', 'learnedAccuracy', 'variation'] as const;

type Kind = keyof typeof CODES;

/** Content of both networks, appearance of the one that has it. */
const kindsOf = ({ method }: ModalityRun): Kind[] =>
  method.name === DISENTANGLED.name ? ['content', 'appearance'] : ['content'];

/** `disentangled s0 f1 CASE content` */
const leakageRow = ({ method, seed, fold }: ModalityRun, id: string, kind: string): string =>
  [method.name, `s${seed}`, `f${fold}`, id, kind].join(' ');

/**
 * How well modalities are told by the codes of each patient that neither the network nor the classifier has seen: the classifier learns on
 * the codes of all other patients of the same fold, which the network has not seen either, and is tested on this one.
 */
export function leakageInspection(
  results: Results,
  { set, quick, log }: { readonly set: ModalityData; readonly quick: boolean; readonly log: (line: string) => void },
): Inspection {
  const rowsOf = (run: ModalityRun) =>
    run.tested.flatMap((one) => kindsOf(run).map((kind) => ({ one, kind, row: leakageRow(run, one.id, kind) })));
  return {
    missing: (run) => rowsOf(run).some(({ row }) => !results.has(row)),
    measure: async (run, weights) => {
      for (const { one, kind, row } of rowsOf(run)) {
        if (results.has(row)) continue;
        const others = run.tested.filter((other) => other !== one);
        const learned = patches(run, others.length > 0 ? others : run.training, set);
        const held = patches(run, [one], set);
        const found = await measureLeakage(CODES[kind], {
          imageShape: [1, run.method.modalities.length, ...SETUP.patchSize],
          weights,
          learned,
          tested: Array.from({ length: PROBE.patchesEach }, (_, i) => held(1_000_000 + i)),
          steps: quick ? 4 : PROBE.steps,
          seed: run.seed,
          threads: PROBE.threads,
        });
        results.append(row, { ...found });
        log(`${row}: modality told right in ${found.accuracy.toFixed(3)}`);
      }
    },
  };
}

/** Patches of patients by number, made as for training: where a tumour is and where it is not. */
function patches(
  { method, seed }: ModalityRun,
  cases: readonly ModalityCase[],
  { values }: ModalityData,
): (number: number) => Float32Array {
  const samples = cases.map((one) => withModalities(one, method.modalities));
  const learningRate = { name: 'constant', base: 0, warmupSteps: 0 } as const;
  const setup = {
    ...SETUP,
    learningRate,
    channels: method.modalities.length,
    classes: values.length,
    modalityDropout: false,
  };
  const batches = createModalityBatches(samples, setup, new Random(seed).fork('leakage').integer(2 ** 30));
  return (number) => batches.batch(number).image;
}
