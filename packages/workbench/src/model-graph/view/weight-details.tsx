import { useEffect, useState } from 'react';
import { useTexts } from '../../app/texts/use-texts.ts';
import type { Weight } from '../read/model-graph.ts';
import type { WeightFigures } from '../read/weight-figures.ts';
import styles from './model-graph.module.css';
import { saveFile } from './save-file.ts';
import type { ViewerState } from './use-model-viewer.ts';

interface Props {
  readonly viewer: ViewerState;
  readonly weight: Weight | undefined;
  readonly place: number;
}

/** A weight's figures, histogram and first values; they are counted when it is opened. */
export function WeightDetails({ viewer: { client, place: graph }, weight, place }: Props) {
  const { modelGraph: t } = useTexts();
  const [figures, setFigures] = useState<WeightFigures | 'none'>();
  useEffect(() => {
    let wanted = true;
    client?.ask('figures', graph, place).then(
      (found) => wanted && setFigures(found ?? 'none'),
      () => wanted && setFigures('none'),
    );
    return () => {
      wanted = false;
    };
  }, [client, graph, place]);
  if (!weight) return null;
  const save = async (): Promise<void> => {
    const file = await client?.ask('npy', graph, place);
    if (file) saveFile(`${weight.name.replaceAll(/[^\w.-]+/g, '_') || 'weight'}.npy`, new Blob([file]));
  };
  return (
    <div className={styles['weight']}>
      <h4>{weight.name}</h4>
      <p>
        {weight.type} [{weight.shape.join(', ')}]
      </p>
      {weight.elsewhere && <p>{t.elsewhere(weight.elsewhere)}</p>}
      {figures === 'none' && !weight.elsewhere && <p>{t.unreadable}</p>}
      {figures && figures !== 'none' && figures.count > 0 && (
        <>
          <Histogram figures={figures} label={t.histogram} />
          <Figures figures={figures} />
          <button type="button" onClick={save}>
            {t.saveNpy}
          </button>
        </>
      )}
    </div>
  );
}

function Histogram({ figures, label }: { readonly figures: WeightFigures; readonly label: string }) {
  const most = Math.max(...figures.histogram, 1);
  return (
    <svg
      className={styles['histogram']}
      viewBox={`0 0 ${figures.histogram.length * 6} 60`}
      role="img"
      aria-label={label}
    >
      {figures.histogram.map((count, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
          key={i}
          x={i * 6}
          width={5}
          y={60 - (58 * count) / most}
          height={(58 * count) / most}
        />
      ))}
    </svg>
  );
}

function Figures({ figures }: { readonly figures: WeightFigures }) {
  const { modelGraph: t } = useTexts();
  const rows: readonly (readonly [string, number])[] = [
    [t.count, figures.count],
    [t.least, figures.least],
    [t.most, figures.most],
    [t.mean, figures.mean],
    [t.deviation, figures.deviation],
    [t.zeros, figures.zeros],
    ...(figures.notFinite > 0 ? [[t.notFinite, figures.notFinite] as const] : []),
  ];
  return (
    <>
      <dl className={styles['facts']}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{short(value)}</dd>
          </div>
        ))}
      </dl>
      <p className={styles['first']}>
        {figures.first.map(short).join('  ')}
        {figures.count > figures.first.length ? ' …' : ''}
      </p>
    </>
  );
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
