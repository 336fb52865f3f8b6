import type { ModelAnswer } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { ChannelMenu } from './channel-menu.tsx';
import { ClickSession } from './click-session.ts';

interface ModelMenuProps {
  readonly work: AnnotationWork;
  /** The model that clicks ask. */
  readonly chooseInteractive: (model: string) => void;
}

/** A model's proposal for the whole series, to be corrected; a model that takes clicks is asked without any. */
export function ModelMenu({ work, chooseInteractive }: ModelMenuProps) {
  const { annotate: t } = useTexts();
  const [models, setModels] = useState<readonly ModelAnswer[]>([]);
  const [chosen, setChosen] = useState('');
  const [interactive, setInteractive] = useState('');
  const [state, setState] = useState('');
  useEffect(() => {
    api.call('listModels').then(
      (found) => {
        setModels(found);
        setChosen(found[0]?.id ?? '');
        const clicked = found.find(({ interactive, channels }) => interactive && channels.length === 1)?.id ?? '';
        setInteractive(clicked);
        chooseInteractive(clicked);
      },
      () => setModels([]),
    );
  }, [chooseInteractive]);
  const [channels, setChannels] = useState<readonly string[]>([]);
  const { seriesInstanceUid: series } = work.host.series;
  useEffect(() => {
    // Nobody should wait for what can be made ready while they look at the images; where it fails, the question itself says why.
    for (const id of new Set([chosen, interactive].filter((one) => one !== '')))
      api.call('readyModel', { params: { model: id }, body: { series } }).catch(() => undefined);
  }, [chosen, interactive, series]);
  const model = models.find(({ id }) => id === chosen);
  const single = model?.channels.length === 1;
  const propose = async () => {
    if (!model) return;
    setState(t.proposing);
    try {
      work.setLabels(merged(work, model));
      await (model.interactive && single
        ? new ClickSession(work, model.id).propose()
        : predicted(work, model.id, single ? undefined : channels));
      setState('');
    } catch (error) {
      setState(wordsOf(error));
    }
  };
  if (models.length === 0) return null;
  return (
    <div className={styles['models']}>
      <select aria-label={t.model} value={chosen} onChange={(event) => setChosen(event.target.value)}>
        {models.map(({ id, interactive: takesClicks }) => (
          <option key={id} value={id}>
            {id} {takesClicks ? t.takesClicks : ''}
          </option>
        ))}
      </select>
      {model && !single && <ChannelMenu shown={work.host.series} channels={model.channels} choose={setChannels} />}
      <button type="button" onClick={() => void propose()}>
        {t.propose}
      </button>
      <span role="status">{state}</span>
    </div>
  );
}

/** What the model knows keeps its numbers; what a class of the same name means is kept. */
function merged({ labels }: AnnotationWork, model: ModelAnswer) {
  const known = new Map(labels.map((label) => [label.value, label]));
  for (const label of model.labels) {
    const before = known.get(label.value);
    known.set(label.value, before?.name === label.name ? { ...before, ...label } : label);
  }
  return [...known.values()].toSorted((a, b) => a.value - b.value);
}

const ASK_EVERY_MS = 300;

/** As a job; its draft is the model's own, whose voxels come in here as one step. */
async function predicted(work: AnnotationWork, model: string, channels?: readonly string[]): Promise<void> {
  const series = work.host.series.seriesInstanceUid;
  const asked = channels ? { series, channels: [...channels] } : series;
  const { jobs } = await api.call('predict', { params: { model }, body: { series: [asked] } });
  for (;;) {
    const job = await api.call('getJob', { params: { job: jobs[0] ?? '' } });
    if (job.state === 'failed' || job.state === 'cancelled') throw new TypeError(job.error?.message ?? job.state);
    if (job.state === 'succeeded') break;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  const found = await api.call('listAnnotations', { query: { series, limit: 100 } });
  const [draft] = found.filter(({ annotator, model: by }) => annotator.kind === 'model' && (by ?? model) === model);
  if (!draft) throw new TypeError('the prediction is not there');
  await work.reload({ ...draft, model });
}
