import { VesaliusError } from '@vesalius/errors';
import type { JobContext } from '../jobs/job-queue.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { keepAsDraft, keepAsSegmentation } from './keep-prediction.ts';
import { readChannels } from './read-channels.ts';

/** What the jobs of the kind `prediction` are given; their project is that of the series. */
export interface PredictionInput {
  readonly model: string;
  readonly modelProject: string;
  /** On whose grid the label map lies. */
  readonly series: string;
  /** A series for each channel of the model. */
  readonly channels: readonly string[];
  readonly keep: 'draft' | 'segmentation';
}

/** Registers how series are predicted; each job ends with what was stored. */
export function registerPredictions(services: Services): void {
  const { jobs, volumes, models, audit } = services;
  const turns = oneAtATime();
  jobs.register<PredictionInput>('prediction', (context) => turns(() => run(context)));

  async function run(context: JobContext<PredictionInput>) {
    const { id, input, project, principal, signal, progress } = context;
    signal.throwIfAborted();
    const access: Access = { projects: [project] };
    const model = await models.get(input.model, { projects: [input.modelProject] });
    if (!model) throw new VesaliusError('FILE_NOT_FOUND', { what: 'model', got: input.model });
    const series = await volumes.read(input.series, access, signal);
    const tell = (fraction: number) => progress(0.9 * fraction, 'predicting');
    const channels = await readChannels(volumes, series, { channels: input.channels, access, signal });
    const { labels, timesMs } = await models.predict(model, { channels, signal, progress: tell });
    const keep = input.keep === 'draft' ? keepAsDraft : keepAsSegmentation;
    const kept = await keep({ services, series, model, labels, access, id });
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
    return { series: input.series, model: model.id, timesMs, ...kept };
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
