import type { ScalarSeries, TrainingAnswer, TrainingResources } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { api } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './train.module.css';

const ASK_EVERY_MS = 5000;

interface ResourcesProps {
  readonly training: TrainingAnswer;
  readonly scalars: readonly ScalarSeries[];
}

/** What a training uses of the machine now. */
export function Resources({ training, scalars }: ResourcesProps) {
  const { train: t } = useTexts();
  const found = useResources(training);
  if (!found) return null;
  const latest = (tag: string) => scalars.find((curve) => curve.tag === tag)?.points.at(-1)?.value;
  const [cores, memory] = [latest('resources/cpu_cores'), latest('resources/memory_gb')];
  const goesOn = training.state === 'running' || training.state === 'preparing';
  const { secondsLeft } = training;
  const facts = [
    ...(goesOn && cores !== undefined ? [[t.processor, t.ofCores(cores.toFixed(1), found.cores)] as const] : []),
    ...(goesOn && memory !== undefined
      ? [[t.memory, t.ofBytes(gigabytes(memory * 1e9), gigabytes(found.memoryBytes))] as const]
      : []),
    ...(goesOn && secondsLeft !== undefined ? [[t.timeLeft, timeOf(secondsLeft)] as const] : []),
    [t.disk, t.diskUse(gigabytes(found.runBytes + found.dataBytes), gigabytes(found.diskFreeBytes))] as const,
  ];
  return (
    <dl className={styles['resources']} aria-label={t.resources}>
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Asked again while the training goes on and the page is in sight. */
function useResources({ id, endedAt }: TrainingAnswer): TrainingResources | undefined {
  const [found, setFound] = useState<TrainingResources>();
  useEffect(() => {
    const ask = () => {
      if (!document.hidden) api.call('getResources', { params: { training: id } }).then(setFound, () => undefined);
    };
    ask();
    const timer = endedAt === undefined ? setInterval(ask, ASK_EVERY_MS) : undefined;
    return () => clearInterval(timer);
  }, [id, endedAt]);
  return found;
}

function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function timeOf(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}
