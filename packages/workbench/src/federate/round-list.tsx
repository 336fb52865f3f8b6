import type { FederationAnswer } from '@vesalius/api';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './federate.module.css';

const SHOWN = 10;

/** The last rounds: who was counted, what went over the wire, how good the model is on all sites' images together. */
export function RoundList({ federation: { rounds } }: { readonly federation: FederationAnswer }) {
  const { federate: t } = useTexts();
  if (rounds.length === 0) return null;
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          {[t.round, t.counted, t.up, t.down, t.pooled].map((name) => (
            <th key={name}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rounds
          .slice(-SHOWN)
          .map(({ round, state, counted, chosen, bytesUp, bytesDown, pooledAuc, pooledAucInterval }) => (
            <tr key={round}>
              <td>{round}</td>
              <td>{state === 'open' ? t.open : t.countedOf(counted.length, chosen.length)}</td>
              <td>{(bytesUp / 1000).toFixed(1)} kB</td>
              <td>{(bytesDown / 1000).toFixed(1)} kB</td>
              <td>
                {pooledAuc?.toFixed(3) ?? '–'}
                {pooledAucInterval && ` (${pooledAucInterval.map((end) => end.toFixed(3)).join(' – ')})`}
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
