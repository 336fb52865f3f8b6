import type { TrainingAnswer } from '@vesalius/api';
import { useTexts } from '../app/texts/use-texts.ts';
import { differingSettings } from './differing-settings.ts';
import styles from './train.module.css';

/** Trainings side by side: only the settings in which they differ. */
export function CompareSettings({ trainings }: { readonly trainings: readonly TrainingAnswer[] }) {
  const { train: t } = useTexts();
  if (trainings.length < 2) return null;
  const rows = differingSettings(trainings);
  if (rows.length === 0) return <p>{t.noDifference}</p>;
  return (
    <table className={styles['table']}>
      <caption>{t.differing}</caption>
      <thead>
        <tr>
          <th>{t.setting}</th>
          {trainings.map(({ id }) => (
            <th key={id}>{id}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ setting, values }) => (
          <tr key={setting}>
            <th scope="row">{setting}</th>
            {values.map((value, i) => (
              <td key={trainings[i]?.id}>{value}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
