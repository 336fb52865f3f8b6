import { useTexts } from '../../app/texts/use-texts.ts';
import type { ModelDiff } from '../compare/diff-models.ts';
import type { NodeTime } from '../compare/read-profile.ts';
import type { ModelGraph } from '../read/model-graph.ts';
import styles from './model-graph.module.css';

interface Choice {
  select(node: number): void;
  readonly graph: ModelGraph;
}

/** What was found, as a list to choose from. */
export function FoundList({ found, graph, select }: Choice & { readonly found: readonly number[] }) {
  const { modelGraph: t } = useTexts();
  return (
    <section className={styles['list']} aria-label={t.found(found.length)}>
      <h2>{t.found(found.length)}</h2>
      <ul>
        {found.map((node) => (
          <li key={node}>
            <button type="button" onClick={() => select(node)}>
              <b>{graph.nodes[node]?.op}</b> {graph.nodes[node]?.name || graph.nodes[node]?.outputs[0]}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What two models differ in; each entry leads to its node. */
export function DiffList({ diff, graph, select }: Choice & { readonly diff: ModelDiff }) {
  const { modelGraph: t } = useTexts();
  return (
    <section className={styles['list']} aria-label={t.differences}>
      <h2>{t.nodesDiffer(diff.nodes.length)}</h2>
      <ul>
        {diff.nodes.map(({ node, change, details }) => (
          <li key={`${node} ${change}`}>
            <button type="button" className={styles[change]} onClick={() => select(node)}>
              <b>{t[change]}</b> {graph.nodes[node]?.op} {graph.nodes[node]?.name}
              {details.length > 0 && <small>{details[0]}</small>}
            </button>
          </li>
        ))}
      </ul>
      <h2>{t.weightsDiffer(diff.weights.length)}</h2>
      <ul>
        {diff.weights.map(({ name, node, change, largest }) => (
          <li key={`${name} ${node} ${change}`}>
            <button type="button" className={styles[change]} onClick={() => select(node)}>
              <b>{t[change]}</b> {name}
              {largest !== undefined && <small>± {largest.toPrecision(3)}</small>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The slowest nodes of a profile; those that the runtime made itself lead nowhere. */
export function TimeList({
  times,
  placeOf,
  select,
}: {
  readonly times: readonly NodeTime[];
  readonly placeOf: ReadonlyMap<string, number>;
  select(node: number): void;
}) {
  const { modelGraph: t } = useTexts();
  const sum = times.reduce((total, { microseconds }) => total + microseconds, 0);
  return (
    <section className={styles['list']} aria-label={t.times}>
      <h2>
        {t.times}: {(sum / 1000).toPrecision(4)} ms
      </h2>
      <ul>
        {times.slice(0, 100).map(({ name, op, microseconds }) => (
          <li key={name}>
            <button type="button" disabled={!placeOf.has(name)} onClick={() => select(placeOf.get(name) ?? -1)}>
              <b>{(microseconds / 1000).toPrecision(3)} ms</b> {op} {name}
              <small>{((100 * microseconds) / sum).toFixed(1)} %</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
