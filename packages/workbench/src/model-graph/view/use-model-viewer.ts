import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { blocksOf } from '../arrange/boxes-of.ts';
import type { ModelDiff } from '../compare/diff-models.ts';
import { type NodeTime, readProfile } from '../compare/read-profile.ts';
import type { Scene } from '../draw/scene.ts';
import type { ModelGraph, OpenedModel } from '../read/model-graph.ts';
import { type GraphClient, openGraphClient } from '../worker/graph-client.ts';
import type { GraphPlace } from '../worker/graph-session.ts';

/** A model to show: its name and where its bytes come from. */
export interface ModelSource {
  readonly name: string;
  bytes(): Promise<Uint8Array>;
  /** Measures it where it is kept: onnxruntime's profile as JSON. */
  times?(): Promise<string>;
}

export interface ViewerState {
  readonly client: GraphClient | undefined;
  readonly model: OpenedModel | undefined;
  readonly graph: ModelGraph | undefined;
  readonly place: GraphPlace;
  readonly scene: Scene | undefined;
  readonly diff: ModelDiff | undefined;
  readonly times: readonly NodeTime[];
  readonly busy: boolean;
  readonly problem: string;
  readonly blocks: ReadonlyMap<string, number>;
  readonly closed: ReadonlySet<string>;
  open(source: ModelSource): void;
  compare(source: ModelSource): void;
  endCompare(): void;
  profile(file: File): void;
  /** Absent for a model that is nowhere but here. */
  readonly measure?: () => void;
  enter(graph: number): void;
  setClosed(closed: ReadonlySet<string>): void;
}

const WHOLE: GraphPlace = { graph: 0, compared: false };

/** All that a viewer knows; what is worked out comes from a thread of its own. */
export function useModelViewer(source: ModelSource | undefined): ViewerState {
  const client = useClient();
  const [model, setModel] = useState<OpenedModel>();
  const [place, setPlace] = useState(WHOLE);
  const [diff, setDiff] = useState<ModelDiff>();
  const [times, setTimes] = useState<readonly NodeTime[]>([]);
  const [scene, setScene] = useState<Scene>();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const { busy, problem, attempt } = useAttempts();
  const graph = place.compared ? diff?.graph : model?.graphs[place.graph];
  const blocks = useMemo(() => (graph ? blocksOf(graph) : new Map<string, number>()), [graph]);

  const open = useCallback(
    (next: ModelSource) =>
      attempt(async () => {
        const opened = await client?.ask('open', await next.bytes(), next.name);
        setDiff(undefined);
        setTimes([]);
        setClosed(new Set());
        setPlace(WHOLE);
        setModel(opened);
      }),
    [client, attempt],
  );
  const compare = (before: ModelSource): void =>
    attempt(async () => {
      setDiff(await client?.ask('compareWith', await before.bytes(), before.name));
      setClosed(new Set());
      setPlace({ graph: 0, compared: true });
    });
  useEffect(() => {
    if (client && source) open(source);
  }, [client, source, open]);
  useEffect(() => {
    if (!client || !model || !graph) return;
    let wanted = true;
    attempt(async () => {
      const found = await client.ask('scene', place, [...closed]);
      if (wanted) setScene(found);
    });
    return () => {
      wanted = false;
    };
  }, [client, model, graph, place, closed, attempt]);
  return {
    ...{ client, model, graph, place, scene, diff, times, busy, problem, blocks, closed, open, compare, setClosed },
    endCompare: () => {
      setDiff(undefined);
      setPlace(WHOLE);
    },
    ...(source?.times &&
      model?.name === source.name && {
        measure: () => attempt(async () => setTimes(readProfile((await source.times?.()) ?? ''))),
      }),
    profile: (file) => attempt(async () => setTimes(readProfile(await file.text()))),
    enter: (inner) => {
      setClosed(new Set());
      setPlace({ graph: inner, compared: false });
    },
  };
}

function useClient(): GraphClient | undefined {
  const [client, setClient] = useState<GraphClient>();
  useEffect(() => {
    const opened = openGraphClient();
    setClient(opened);
    return () => opened.close();
  }, []);
  return client;
}

/** Runs what may fail; says while it runs, and what went wrong. */
function useAttempts(): { busy: boolean; problem: string; attempt: (work: () => Promise<void>) => void } {
  const [running, setRunning] = useState(0);
  const [problem, setProblem] = useState('');
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const attempt = useCallback((work: () => Promise<void>) => {
    setRunning((count) => count + 1);
    setProblem('');
    work()
      .catch((error: unknown) => alive.current && setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => alive.current && setRunning((count) => count - 1));
  }, []);
  return { busy: running > 0, problem, attempt };
}

/** A file of this machine; it is read here and sent nowhere. */
export function localSource(file: File): ModelSource {
  return { name: file.name, bytes: async () => new Uint8Array(await file.arrayBuffer()) };
}
