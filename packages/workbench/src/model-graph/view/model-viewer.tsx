import { type DragEvent, useMemo, useState } from 'react';
import { useTexts } from '../../app/texts/use-texts.ts';
import { searchNodes } from '../compare/search-nodes.ts';
import type { Overlay } from '../draw/draw-scene.ts';
import { GraphCanvas } from './graph-canvas.tsx';
import styles from './model-graph.module.css';
import { NodeDetails, valueText } from './node-details.tsx';
import { DiffList, FoundList, TimeList } from './side-list.tsx';
import { Toolbar } from './toolbar.tsx';
import { localSource, type ModelSource, useModelViewer, type ViewerState } from './use-model-viewer.ts';

/** Looks at any ONNX model: the one that is given, or a file of this machine that is dropped here and sent nowhere. */
export function ModelViewer({ source }: { readonly source?: ModelSource }) {
  const { modelGraph: t } = useTexts();
  const viewer = useModelViewer(source);
  const [selected, setSelected] = useState(-1);
  const [query, setQuery] = useState('');
  const [centred, setCentred] = useState(-1);
  const { graph, scene, diff, times } = viewer;
  const found = useMemo(() => (graph ? searchNodes(graph, query) : []), [graph, query]);
  const placeOf = useMemo(() => new Map(graph?.nodes.map(({ name }, i) => [name, i]) ?? []), [graph]);
  const overlay = useOverlay(viewer, { selected, found, placeOf });
  const chosen = scene?.boxes[selected];
  const node = chosen?.block === '' ? graph?.nodes[chosen.members[0] ?? -1] : undefined;
  const show = (place: number): void => {
    const box = scene?.boxOf[place] ?? -1;
    setSelected(box);
    setCentred(-1);
    queueMicrotask(() => setCentred(box));
  };
  const enter = (box: number): void => {
    const { block = '', members = [] } = scene?.boxes[box] ?? {};
    const [inner] = graph?.nodes[members[0] ?? -1]?.opens ?? [];
    if (block !== '') viewer.setClosed(new Set([...viewer.closed].filter((other) => other !== block)));
    else if (inner !== undefined) viewer.enter(inner);
    setSelected(-1);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file?.name.endsWith('.json')) viewer.profile(file);
    else if (file) viewer.open(localSource(file));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files may be chosen by a button too
    <div className={styles['viewer']} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <Toolbar viewer={viewer} overlay={overlay} query={query} setQuery={setQuery} />
      {viewer.problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {viewer.problem}
        </p>
      )}
      <div className={styles['body']}>
        {scene && graph ? (
          <GraphCanvas
            {...{ scene, overlay, centred, enter }}
            select={setSelected}
            label={t.pictureOf(viewer.model?.name ?? '', graph.nodes.length)}
          />
        ) : (
          <p className={styles['empty']}>{viewer.busy ? t.opening : t.dropHere}</p>
        )}
        <aside className={styles['side']}>
          {graph && query !== '' && <FoundList {...{ found, graph }} select={show} />}
          {graph && node && <NodeDetails {...{ viewer, graph, node }} {...factsOf(viewer, chosen?.members[0] ?? -1)} />}
          {graph && diff && query === '' && <DiffList {...{ diff, graph }} select={show} />}
          {times.length > 0 && <TimeList {...{ times, placeOf }} select={show} />}
          {viewer.model && !node && !diff && query === '' && <ModelFacts viewer={viewer} />}
        </aside>
      </div>
      <p role="status" className={styles['status']}>
        {node
          ? [node.op, node.name, ...node.outputs.map((name) => valueText(graph?.values.get(name)))]
              .filter(Boolean)
              .join(' · ')
          : t.keys}
      </p>
    </div>
  );
}

function factsOf({ diff, graph, times }: ViewerState, place: number) {
  return {
    change: diff?.nodes.find(({ node }) => node === place),
    time: times.find(({ name }) => name !== '' && name === graph?.nodes[place]?.name)?.microseconds,
  };
}

interface Marks {
  readonly selected: number;
  readonly found: readonly number[];
  readonly placeOf: ReadonlyMap<string, number>;
}

function useOverlay({ graph, scene, diff, times }: ViewerState, { selected, found, placeOf }: Marks): Overlay {
  return useMemo(() => {
    const boxOf = (place: number): number => scene?.boxOf[place] ?? -1;
    const heat = new Map<number, number>();
    for (const { name, microseconds } of times) {
      const box = boxOf(placeOf.get(name) ?? -1);
      if (box !== -1) heat.set(box, (heat.get(box) ?? 0) + microseconds);
    }
    const slowest = Math.max(...heat.values());
    return {
      selected,
      found: new Set(found.map(boxOf)),
      changes: new Map(diff?.nodes.map(({ node, change }) => [boxOf(node), change])),
      heat: new Map([...heat].map(([box, time]) => [box, time / slowest])),
      shapeOf: (value) => graph?.values.get(value)?.shape?.join(' × ') ?? '',
    };
  }, [graph, scene, diff, times, selected, found, placeOf]);
}

function ModelFacts({ viewer: { model, graph } }: { readonly viewer: ViewerState }) {
  const { modelGraph: t } = useTexts();
  if (!model || !graph) return null;
  const facts: readonly (readonly [string, string])[] = [
    [t.name, model.name],
    [t.producer, model.producer],
    [t.opsets, model.opsets],
    [t.nodes, String(graph.nodes.filter(({ kind }) => kind === 'op').length)],
    [t.weights, String(graph.weights.length)],
    [t.size, `${(model.bytes / 1e6).toFixed(1)} MB`],
    ...model.metadata,
  ];
  return (
    <section className={styles['details']} aria-label={t.model}>
      <h2>{t.model}</h2>
      <dl className={styles['facts']}>
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {model.description && <p>{model.description}</p>}
    </section>
  );
}
