import { VesaliusError } from '@vesalius/errors';
import type { Volume } from '@vesalius/volume';
import type { JobContext } from '../jobs/job-queue.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import type { ArchiveVolume } from '../volumes/series-volumes.ts';
import { keepExplanation } from './keep-explanation.ts';
import { keepAsDraft, keepAsSegmentation } from './keep-prediction.ts';
import type { Model } from './model-registry.ts';
import { readChannels } from './read-channels.ts';

/** What the jobs of the kind `prediction` are given; their project is that of the series. */
export interface PredictionInput {
  readonly model: string;
  readonly modelProject: string;
  /** On whose grid the label map lies. */
  readonly series: string;
  /** A series for each channel of the model. */
  readonly channels: readonly string[];
  readonly keep: 'draft' | 'segmentation' | 'explanation';
}

/** Registers how series are predicted; each job ends with what was stored. */
export function registerPredictions(services: Services): void {
  const { jobs, volumes, models, audit } = services;
  const turns = oneAtATime();
  jobs.register<PredictionInput>('prediction', (context) => turns(() => run(context)));

  async function run(context: JobContext<PredictionInput>) {
    const { id, input, project, principal, signal } = context;
    signal.throwIfAborted();
    const access: Access = { projects: [project] };
    const model = await models.get(input.model, { projects: [input.modelProject] });
    if (!model) throw new VesaliusError('FILE_NOT_FOUND', { what: 'model', got: input.model });
    const series = await volumes.read(input.series, access, signal);
    const channels = await readChannels(volumes, series, { channels: input.channels, access, signal });
    const asked = { context, model, series, channels };
    const kept = input.keep === 'explanation' ? await explained(asked) : await predicted(asked, input.keep);
    await audit.record({
      action: 'predicted',
      outcome: 'success',
      principal,
      from: 'job',
      entities: [
        { kind: 'model', id: model.id },
        { kind: 'series', id: input.series },
        { kind: 'job', id },
      ],
    });
    return { series: input.series, model: model.id, ...kept };
  }

  interface Asked {
    readonly context: JobContext<PredictionInput>;
    readonly model: Model;
    readonly series: ArchiveVolume;
    readonly channels: readonly Volume[];
  }

  async function explained({ context: { id, signal }, model, series, channels }: Asked) {
    const maps = await models.explain(model, { channels, signal });
    return keepExplanation({ services, series, model, id, maps });
  }

  async function predicted({ context, model, series, channels }: Asked, as: 'draft' | 'segmentation') {
    const { id, project, signal, progress } = context;
    const tell = (fraction: number) => progress(0.9 * fraction, 'predicting');
    const { labels, timesMs } = await models.predict(model, { channels, signal, progress: tell });
    const keep = as === 'draft' ? keepAsDraft : keepAsSegmentation;
    return { timesMs, ...(await keep({ services, series, model, labels, access: { projects: [project] }, id })) };
  }
}

/** Two predictions at a time take longer than one after the other. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve();
  return <Value>(work: () => Promise<Value>): Promise<Value> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
