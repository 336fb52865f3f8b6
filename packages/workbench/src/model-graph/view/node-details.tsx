import { useTexts } from '../../app/texts/use-texts.ts';
import type { NodeChange } from '../compare/diff-models.ts';
import type { GraphNode, GraphValue, ModelGraph } from '../read/model-graph.ts';
import styles from './model-graph.module.css';
import type { ViewerState } from './use-model-viewer.ts';
import { WeightDetails } from './weight-details.tsx';

interface Props {
  readonly viewer: ViewerState;
  readonly graph: ModelGraph;
  readonly node: GraphNode;
  readonly change: NodeChange | undefined;
  /** Microseconds, where a profile tells them. */
  readonly time: number | undefined;
}

/** Everything about one node: what it is, what goes in and out, its weights. */
export function NodeDetails({ viewer, graph, node, change, time }: Props) {
  const { modelGraph: t } = useTexts();
  const places = new Map(graph.weights.map(({ name }, i) => [name, i]));
  const values = node.inputs.filter((name) => name !== '' && !places.has(name));
  return (
    <section className={styles['details']} aria-label={t.node}>
      <h2>{node.kind === 'op' ? node.op : t[node.kind]}</h2>
      <dl className={styles['facts']}>
        <Fact name={t.name} text={node.name} />
        <Fact name={t.domain} text={node.domain} />
        <Fact name={t.block} text={node.group.join('/')} />
        <Fact name={t.time} text={time === undefined ? '' : `${(time / 1000).toPrecision(3)} ms`} />
      </dl>
      {change && change.details.length > 0 && <Changes title={t.changes} details={change.details} />}
      <BlockButtons viewer={viewer} node={node} />
      {node.attributes.length > 0 && <h3>{t.attributes}</h3>}
      <dl className={styles['facts']}>
        {node.attributes.map(({ name, text }) => (
          <Fact key={name} name={name} text={text} />
        ))}
      </dl>
      <Values title={t.inputs} names={values} graph={graph} />
      <Values title={t.outputs} names={node.outputs} graph={graph} />
      {node.weights.length > 0 && <h3>{t.weights}</h3>}
      {[...new Set(node.weights)].map((place) => (
        <WeightDetails
          key={`${place} ${graph.weights[place]?.name}`}
          viewer={viewer}
          weight={graph.weights[place]}
          place={place}
        />
      ))}
    </section>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string }) {
  if (text === '') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}

function Changes({ title, details }: { readonly title: string; readonly details: readonly string[] }) {
  return (
    <>
      <h3>{title}</h3>
      <ul className={styles['plain']}>
        {details.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </>
  );
}

function BlockButtons({ viewer, node }: { readonly viewer: ViewerState; readonly node: GraphNode }) {
  const { modelGraph: t } = useTexts();
  const paths = node.group
    .map((_, i) => node.group.slice(0, i + 1).join('/'))
    .filter((path) => viewer.blocks.has(path))
    .slice(-3);
  return (
    <p className={styles['buttons']}>
      {node.opens.map((graph) => (
        <button type="button" key={graph} onClick={() => viewer.enter(graph)}>
          {t.openInside}: {viewer.model?.graphs[graph]?.title.split(' / ').at(-1)}
        </button>
      ))}
      {paths.map((path) => (
        <button type="button" key={path} onClick={() => viewer.setClosed(new Set([...viewer.closed, path]))}>
          {t.closeBlock} {path}
        </button>
      ))}
    </p>
  );
}

function Values({
  title,
  names,
  graph,
}: {
  readonly title: string;
  readonly names: readonly string[];
  readonly graph: ModelGraph;
}) {
  if (names.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <dl className={styles['facts']}>
        {[...new Set(names)].map((name) => (
          <Fact key={name} name={name} text={valueText(graph.values.get(name)) || '–'} />
        ))}
      </dl>
    </>
  );
}

/** `float32 [1, 32, 8]`; empty where nothing is known. */
export function valueText(value: GraphValue | undefined): string {
  return [value?.type, value?.shape && `[${value.shape.join(', ')}]`].filter(Boolean).join(' ');
}
