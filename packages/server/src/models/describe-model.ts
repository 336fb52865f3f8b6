import { ROUTES, type SegmentLabel } from '@vesalius/api';
import type { BundleManifest, OpenBundle } from '@vesalius/bundle';
import { VesaliusError } from '@vesalius/errors';
import { explainsOf } from './explain-model.ts';
import type { Model } from './model-registry.ts';

interface Entry {
  readonly id: string;
  readonly project: string;
  readonly addedAt: string;
  readonly bytes: number;
  readonly training?: string;
  readonly trainedOn?: Model['trainedOn'];
}

/**
 * What a bundle says of itself, in the API's words.
 *
 * @throws FILE_FORMAT for a manifest that lacks what is needed
 */
export function describeModel({ manifest, keyFingerprint }: OpenBundle, entry: Entry): Model {
  const { success, data, error } = ROUTES.getModel.answer.safeParse(attempt(() => described(manifest, entry)));
  if (success) return { ...data, signedBy: keyFingerprint };
  const [issue] = error.issues;
  throw badManifest(`${issue?.path.join('.')}: ${issue?.message}`);
}

function described(manifest: BundleManifest, entry: Entry): object {
  const { name, version, created, channels, classes, plan, parent } = manifest;
  const metrics = manifest.metrics.filter(
    ({ estimate, low, high }) => Number.isFinite(estimate) && Number.isFinite(low) && Number.isFinite(high),
  );
  const gate = gateOf(manifest);
  const explains = explainsOf(manifest);
  return {
    ...entry,
    name,
    version,
    createdAt: created,
    channels: channels.map((channel) => channel.name),
    labels: classes.filter(({ value }) => value > 0).map(labelOf),
    interactive: manifest.interaction?.kind === 'clicks',
    ...(explains && { explains }),
    dimensions: plan.spatialDimensions.value,
    metrics,
    ...(gate && { gate }),
    ...(parent && { parent: parent.name }),
    signedBy: '',
  };
}

/** By the mean over classes, as the recipe states it. */
function gateOf({ recipe, metrics }: BundleManifest) {
  const { metric, low } = Object(recipe['gate']) as { metric?: unknown; low?: unknown };
  if (typeof metric !== 'string' || typeof low !== 'number') return undefined;
  const measured = metrics.find(({ name, className }) => name === metric && className === undefined);
  return { metric, atLeast: low, reached: (measured?.estimate ?? Number.NEGATIVE_INFINITY) >= low };
}

/** Told apart by those who see few colours: Okabe and Ito 2008. */
const COLORS = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const;

function labelOf({ name, value }: BundleManifest['classes'][number], i: number): SegmentLabel {
  return { value, name: String(name).slice(0, 64), color: COLORS[i % COLORS.length] as string };
}

function attempt<Value>(step: () => Value): Value {
  try {
    return step();
  } catch (error) {
    if (error instanceof TypeError) throw badManifest('parts are missing');
    throw error;
  }
}

function badManifest(got: string): VesaliusError {
  return new VesaliusError('FILE_FORMAT', { what: 'manifest of the bundle', got });
}
