import type { ScalarSeries } from '@vesalius/api';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './train.module.css';

interface EndValuesProps {
  readonly tags: readonly string[];
  readonly runs: readonly { readonly name: string; readonly curves: readonly ScalarSeries[] }[];
}

/** What runs reached on their validation cases in the end, side by side. */
export function EndValues({ tags, runs }: EndValuesProps) {
  const { train: t } = useTexts();
  if (tags.length === 0) return null;
  const reached = (curves: readonly ScalarSeries[], tag: string) => {
    const points = curves.find((curve) => curve.tag === tag)?.points;
    return points?.at(-1)?.value.toPrecision(4) ?? '–';
  };
  return (
    <table className={styles['table']}>
      <caption>{t.reached}</caption>
      <thead>
        <tr>
          <th>{t.measure}</th>
          {runs.map(({ name }) => (
            <th key={name}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {tags.map((tag) => (
          <tr key={tag}>
            <th scope="row">{tag.replace('validation/', '')}</th>
            {runs.map(({ name, curves }) => (
              <td key={name}>{reached(curves, tag)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
