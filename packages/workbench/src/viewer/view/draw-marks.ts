import { spacingMm, type Triple } from '@vesalius/volume';
import type { Measurement } from '../measure/measurement.ts';
import { showMeasured } from '../measure/show-measured.ts';
import { takeMeasure } from '../measure/take-measure.ts';
import { type PlaneLayout, voxelToPixel } from '../slices/plane-layout.ts';
import { sceneOf } from '../view/scene-of.ts';
import type { ToolMark } from '../viewport-contract.ts';
import { type Matrix2d, transformPoint } from './camera.ts';
import type { ViewModel } from './view-model.ts';

interface Drawing {
  readonly model: ViewModel;
  readonly layout: PlaneLayout;
  readonly slice: number;
  readonly matrix: Matrix2d;
}

const MEASURE_COLOR = '#ffd75e';
const CROSSHAIRS: Readonly<Record<PlaneLayout['axis'], string>> = { 0: '#ff7b72', 1: '#7ee787', 2: '#79c0ff' };

/** Lines over the picture: crosshairs, measurements, what a tool draws. */
export function drawMarks(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { model, layout, slice } = drawing;
  context.lineWidth = Math.max(1, devicePixelRatio);
  context.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  if (model.state.crosshairs) drawCrosshairs(context, drawing);
  for (const one of model.state.measurements)
    if (one.axis === layout.axis && Math.round(one.slice) === slice) drawMeasurement(context, drawing, one);
  for (const mark of model.state.marks) drawMark(context, drawing, mark);
}

function onCanvas({ layout, matrix }: Drawing, voxel: Triple): [number, number] {
  const [column, row] = voxelToPixel(layout, voxel);
  return transformPoint(matrix, [column + 0.5, row + 0.5]);
}

function drawCrosshairs(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { layout, matrix, model } = drawing;
  const [column, row] = voxelToPixel(layout, model.state.voxel);
  const line = (axis: PlaneLayout['axis'], from: [number, number], to: [number, number]) => {
    context.strokeStyle = CROSSHAIRS[axis];
    context.beginPath();
    context.moveTo(...transformPoint(matrix, from));
    context.lineTo(...transformPoint(matrix, to));
    context.stroke();
  };
  line(layout.right, [column + 0.5, 0], [column + 0.5, layout.rows]);
  line(layout.down, [0, row + 0.5], [layout.columns, row + 0.5]);
}

function drawMeasurement(context: CanvasRenderingContext2D, drawing: Drawing, measurement: Measurement): void {
  const points = measurement.points.map((point) => onCanvas(drawing, point));
  const [first, second] = points;
  if (!first) return;
  context.strokeStyle = MEASURE_COLOR;
  context.fillStyle = MEASURE_COLOR;
  context.beginPath();
  if (measurement.kind === 'ellipse' && second) {
    const mid = [(first[0] + second[0]) / 2, (first[1] + second[1]) / 2] as const;
    context.ellipse(...mid, Math.abs(first[0] - second[0]) / 2, Math.abs(first[1] - second[1]) / 2, 0, 0, 2 * Math.PI);
  } else {
    for (const [i, point] of points.entries()) i === 0 ? context.moveTo(...point) : context.lineTo(...point);
  }
  context.stroke();
  for (const [x, y] of points) context.fillRect(x - 2, y - 2, 4, 4);
  const text = showMeasured(takeMeasure(measurement, sceneOf(drawing.model)), valueUnitOf(drawing.model));
  const [x, y] = points.at(-1) ?? first;
  context.strokeStyle = '#000';
  context.strokeText(text, x + 8, y - 6);
  context.fillText(text, x + 8, y - 6);
}

function valueUnitOf({ series }: ViewModel): string {
  return series.modality === 'CT' ? 'HU' : '';
}

function drawMark(context: CanvasRenderingContext2D, drawing: Drawing, mark: ToolMark): void {
  const { layout, slice, model, matrix } = drawing;
  const near = mark.points.filter((point) => Math.abs(point[layout.axis] - slice) < 0.75);
  const [first] = near;
  if (!first) return;
  context.strokeStyle = mark.color;
  context.fillStyle = mark.color;
  context.beginPath();
  if (mark.points.length === 1) {
    const [x, y] = onCanvas(drawing, first);
    const spacing = model.series.grid ? spacingMm(model.series.grid)[layout.right] : 1;
    const radius = mark.radiusMm === undefined ? 4 : (mark.radiusMm / spacing) * Math.hypot(matrix[0], matrix[1]);
    context.arc(x, y, radius, 0, 2 * Math.PI);
    mark.radiusMm === undefined ? context.fill() : context.stroke();
    return;
  }
  for (const [i, point] of near.entries())
    i === 0 ? context.moveTo(...onCanvas(drawing, point)) : context.lineTo(...onCanvas(drawing, point));
  if (mark.closed) context.closePath();
  context.stroke();
}
