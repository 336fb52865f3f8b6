import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

/** Patients who stand in more than one part of the data. */
export function patientsInSeveralParts(parts: readonly (readonly string[])[]): string[] {
  const seen = new Map<string, number>();
  const leaking = new Set<string>();
  for (const [n, patients] of parts.entries())
    for (const patient of patients) {
      if ((seen.get(patient) ?? n) !== n) leaking.add(patient);
      seen.set(patient, n);
    }
  return [...leaking].toSorted();
}

export interface DrawPatientsOptions {
  /** Of the cases, from 0 to 1. */
  readonly share: number;
  readonly seed: number | string;
  /** Whose each case is; each case its own patient without it. */
  readonly patients?: readonly string[] | undefined;
}

/**
 * Cases of a share of the patients, of every class alike: for validation, or for the few labels that are taken to be known. A patient
 * of several classes counts with the first. Of every class at least one patient is drawn, and at least one is left where there are two.
 *
 * @returns numbers of the cases, in their order
 * @throws INVALID_ARGUMENT for a share that is not between 0 and 1
 */
export function drawPatients(labels: ArrayLike<number>, { share, seed, patients }: DrawPatientsOptions): number[] {
  if (!(share > 0 && share <= 1))
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'share of cases', got: share, expected: 'above 0, up to 1' });
  const byPatient = new Map<string, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const patient = patients?.[i] ?? `${i}`;
    const known = byPatient.get(patient);
    if (known) known.push(i);
    else byPatient.set(patient, [i]);
  }
  const byClass = Map.groupBy(byPatient.values(), ([first = 0]) => labels[first] as number);
  const chosen = [...byClass]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([label, members]) => {
      const order = new Random(`${seed}/${label}`).shuffle([...members]);
      const count =
        share === 1
          ? order.length
          : Math.min(Math.max(1, order.length - 1), Math.max(1, Math.round(share * order.length)));
      return order.slice(0, count).flat();
    });
  return chosen.toSorted((a, b) => a - b);
}
