import { useEffect, useMemo, useRef, useState } from 'react';
import { wordsOf } from '../../app/api.ts';
import { useTexts } from '../../app/texts/use-texts.ts';
import type { PlaneLayout } from '../slices/plane-layout.ts';
import { type Camera, lettersSeen, STRAIGHT } from './camera.ts';
import { Corners } from './corners.tsx';
import { type PlaneCanvases, PlanePainter, shownSlice } from './draw-view.ts';
import { listenToPointers } from './pointer-gestures.ts';
import { SliceSlider } from './slice-slider.tsx';
import { useViewState } from './use-view-state.ts';
import styles from './view.module.css';
import { onCameraCommand } from './view-commands.ts';
import type { ViewModel } from './view-model.ts';

interface PlaneViewProps {
  readonly model: ViewModel;
  readonly layout: PlaneLayout;
  readonly patient: readonly string[];
}

/** One plane of a series. */
export function PlaneView({ model, layout, patient }: PlaneViewProps) {
  const { viewer: t } = useTexts();
  const state = useViewState(model);
  const surface = useRef<HTMLDivElement>(null);
  const [camera, setCamera] = useState<Camera>(STRAIGHT);
  const picture = useRef<HTMLCanvasElement>(null);
  const overlays = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const canvases = useMemo(() => ({ surface, picture, overlays, marks }), []);
  const slice = shownSlice(model, layout);
  const isActive = state.active.axis === layout.axis;
  const [pixels, setPixels] = useState(1);
  useDrawing({ canvases, model, layout, camera, onResize: setPixels });
  usePointers({ surface, model, layout, camera, setCamera });
  useEffect(
    () => onCameraCommand((change) => model.state.active.axis === layout.axis && setCamera(change)),
    [model, layout],
  );
  const failure = layout.axis === 2 ? model.frames.failure(model.indexOf(slice)) : undefined;
  const name = layout.letters[0] === '' ? t.picture : t.planes[layout.plane];
  return (
    <section className={styles['view']} data-active={isActive} aria-label={name}>
      <div
        ref={surface}
        className={styles['surface']}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys, which move through the slices
        tabIndex={0}
        aria-label={`${name}, ${t.slice(slice + 1, layout.slices)}`}
        onFocus={() => model.update({ active: { plane: layout.plane, axis: layout.axis } })}
        style={state.taken?.cursor ? { cursor: state.taken.cursor } : undefined}
        data-slice={slice}
      />
      <canvas
        ref={picture}
        className={styles['pixels']}
        width={layout.columns}
        height={layout.rows}
        aria-hidden
        hidden
      />
      <canvas
        ref={overlays}
        className={`${styles['pixels']} ${styles['voxels']}`}
        width={layout.columns}
        height={layout.rows}
        aria-hidden
        hidden
      />
      <canvas ref={marks} className={styles['marks']} aria-hidden hidden />
      <Corners
        {...{ model, layout, patient, name, pixels, isActive, zoom: camera.zoom }}
        letters={lettersSeen(layout.letters, camera)}
      />
      {layout.slices > 1 && (
        <SliceSlider
          name={t.sliceOf(name)}
          slice={slice}
          slices={layout.slices}
          step={(by) => model.step(layout.axis, by)}
        />
      )}
      {failure !== undefined && (
        <p role="alert" className={styles['failure']}>
          {t.frameFailed} {wordsOf(failure)}
        </p>
      )}
    </section>
  );
}

type Refs<T> = { readonly [Key in keyof T]: React.RefObject<T[Key] | null> };

interface DrawingOptions {
  readonly canvases: Refs<PlaneCanvases & { readonly surface: HTMLElement }>;
  readonly model: ViewModel;
  readonly layout: PlaneLayout;
  readonly camera: Camera;
  readonly onResize: (height: number) => void;
}

/** Draws once a frame of the screen, however much changed. */
function useDrawing({ canvases, model, layout, camera, onResize }: DrawingOptions): void {
  const seen = useRef(camera);
  const again = useRef<() => void>(undefined);
  useEffect(() => {
    const element = canvases.surface.current;
    const [picture, overlays, marks] = [canvases.picture.current, canvases.overlays.current, canvases.marks.current];
    if (!element || !picture || !overlays || !marks) return;
    const painter = new PlanePainter(model, layout, { picture, overlays, marks });
    let waiting = 0;
    let drawn: readonly unknown[] = [];
    const draw = () => {
      waiting = 0;
      const parts = [...painter.parts(), seen.current, marks.width, marks.height];
      if (parts.length === drawn.length && parts.every((part, i) => part === drawn[i])) return;
      drawn = parts;
      const shown = painter.paint(seen.current);
      if (shown && !element.dataset['shown']) {
        element.dataset['shown'] = String(Math.round(performance.now()));
        performance.mark('vesalius-first-image');
      }
      element.dataset['drawn'] = String(1 + Number(element.dataset['drawn'] ?? 0));
    };
    const ask = () => {
      waiting ||= requestAnimationFrame(draw);
    };
    const fit = () => {
      const { width, height } = element.getBoundingClientRect();
      marks.width = Math.max(1, Math.round(width * devicePixelRatio));
      marks.height = Math.max(1, Math.round(height * devicePixelRatio));
      drawn = [];
      onResize(marks.height);
      ask();
    };
    const sizes = new ResizeObserver(fit);
    sizes.observe(element);
    const end = model.subscribe(ask);
    again.current = ask;
    ask();
    return () => {
      sizes.disconnect();
      end();
      cancelAnimationFrame(waiting);
    };
  }, [canvases, model, layout, onResize]);
  useEffect(() => {
    seen.current = camera;
    again.current?.();
  }, [camera]);
}

interface PointerOptions extends Omit<DrawingOptions, 'onResize' | 'canvases'> {
  readonly surface: React.RefObject<HTMLElement | null>;
  readonly setCamera: (camera: Camera) => void;
}

function usePointers({ surface, model, layout, camera, setCamera }: PointerOptions): void {
  const now = useRef(camera);
  now.current = camera;
  useEffect(() => {
    const element = surface.current;
    if (!element) return;
    return listenToPointers({
      model,
      layout,
      surface: element,
      slice: () => shownSlice(model, layout),
      camera: () => now.current,
      // Two changes of one event: the second stands on the first.
      setCamera: (next) => {
        now.current = next;
        setCamera(next);
      },
    });
  }, [surface, model, layout, setCamera]);
}
