import { useEffect, useMemo, useRef, useState } from 'react';
import { wordsOf } from '../../app/api.ts';
import { useTexts } from '../../app/texts/use-texts.ts';
import type { PlaneLayout } from '../slices/plane-layout.ts';
import { type Camera, lettersSeen, STRAIGHT } from './camera.ts';
import { Corners } from './corners.tsx';
import { PlanePainter } from './draw-view.ts';
import { listenToPointers } from './pointer-gestures.ts';
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
  const canvas = useRef<HTMLCanvasElement>(null);
  const [camera, setCamera] = useState<Camera>(STRAIGHT);
  const painter = useMemo(() => new PlanePainter(model, layout), [model, layout]);
  const isActive = state.active.axis === layout.axis;
  const [pixels, setPixels] = useState(1);
  useDrawing({ canvas, painter, model, camera, onResize: setPixels });
  usePointers({ canvas, painter, model, layout, camera, setCamera });
  useEffect(
    () => onCameraCommand((change) => model.state.active.axis === layout.axis && setCamera(change)),
    [model, layout],
  );
  const failure = layout.axis === 2 ? model.frames.failure(model.indexOf(painter.slice)) : undefined;
  const name = layout.letters[0] === '' ? t.picture : t.planes[layout.plane];
  return (
    <section className={styles['view']} data-active={isActive} aria-label={name}>
      <canvas
        ref={canvas}
        className={styles['canvas']}
        tabIndex={0}
        aria-label={`${name}, ${t.slice(painter.slice + 1, layout.slices)}`}
        onFocus={() => model.update({ active: { plane: layout.plane, axis: layout.axis } })}
        style={state.taken?.cursor ? { cursor: state.taken.cursor } : undefined}
        data-slice={painter.slice}
      />
      <Corners
        {...{ model, layout, patient, name, pixels, zoom: camera.zoom }}
        letters={lettersSeen(layout.letters, camera)}
      />
      {layout.slices > 1 && (
        <input
          className={styles['slider']}
          type="range"
          aria-label={t.sliceOf(name)}
          min={0}
          max={layout.slices - 1}
          value={painter.slice}
          onChange={({ target }) => model.step(layout.axis, Number(target.value) - painter.slice)}
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

interface DrawingOptions {
  readonly canvas: React.RefObject<HTMLCanvasElement | null>;
  readonly painter: PlanePainter;
  readonly model: ViewModel;
  readonly camera: Camera;
  readonly onResize: (height: number) => void;
}

/** Draws once a frame of the screen, however much changed. */
function useDrawing({ canvas, painter, model, camera, onResize }: DrawingOptions): void {
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d', { alpha: false });
    if (!element || !context) return;
    let waiting = 0;
    let drawn: readonly unknown[] = [];
    const draw = () => {
      waiting = 0;
      const parts = [...painter.parts(), element.width, element.height];
      if (parts.length === drawn.length && parts.every((part, i) => part === drawn[i])) return;
      drawn = parts;
      const shown = painter.paint(context, camera);
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
      element.width = Math.max(1, Math.round(width * devicePixelRatio));
      element.height = Math.max(1, Math.round(height * devicePixelRatio));
      drawn = [];
      onResize(element.height);
      ask();
    };
    const sizes = new ResizeObserver(fit);
    sizes.observe(element);
    const end = model.subscribe(ask);
    ask();
    return () => {
      sizes.disconnect();
      end();
      cancelAnimationFrame(waiting);
    };
  }, [canvas, painter, model, camera, onResize]);
}

interface PointerOptions extends Omit<DrawingOptions, 'onResize'> {
  readonly layout: PlaneLayout;
  readonly setCamera: (camera: Camera) => void;
}

function usePointers({ canvas, painter, model, layout, camera, setCamera }: PointerOptions): void {
  const now = useRef(camera);
  now.current = camera;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    return listenToPointers({
      model,
      layout,
      canvas: element,
      slice: () => painter.slice,
      camera: () => now.current,
      setCamera,
    });
  }, [canvas, painter, model, layout, setCamera]);
}
