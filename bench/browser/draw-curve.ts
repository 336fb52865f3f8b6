export interface Series {
  readonly colour: string;
  /** Step and value. */
  readonly points: readonly (readonly [number, number])[];
  /** Also drawn faintly behind a running mean over this many points. */
  readonly smooth?: number;
}

const MARGIN = { left: 40, right: 12, top: 10, bottom: 24 };
const INK = '#7d8aa0';

/** Curves over the steps, values from 0 to `highest`. */
export function drawCurve(canvas: HTMLCanvasElement, series: readonly Series[], highest: number): void {
  const scale = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  [canvas.width, canvas.height] = [width * scale, height * scale];
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(scale, scale);
  const lastStep = Math.max(50, ...series.flatMap(({ points }) => points.slice(-1).map(([step]) => step)));
  const x = (step: number): number => MARGIN.left + (step / lastStep) * (width - MARGIN.left - MARGIN.right);
  const y = (value: number): number =>
    height - MARGIN.bottom - (value / highest) * (height - MARGIN.top - MARGIN.bottom);
  drawAxes(context, { x, y, lastStep, highest });
  for (const { colour, points, smooth } of series) {
    context.strokeStyle = colour;
    drawLine(
      context,
      points.map(([step, value]) => [x(step), y(Math.min(value, highest))]),
      smooth ? 0.28 : 1,
    );
    if (smooth)
      drawLine(
        context,
        runningMean(points, smooth).map(([step, value]) => [x(step), y(value)]),
        1,
      );
  }
}

interface Axes {
  x(step: number): number;
  y(value: number): number;
  readonly lastStep: number;
  readonly highest: number;
}

function drawAxes(context: CanvasRenderingContext2D, { x, y, lastStep, highest }: Axes): void {
  context.font = '12px system-ui, sans-serif';
  context.fillStyle = INK;
  context.strokeStyle = '#26303f';
  context.lineWidth = 1;
  context.textAlign = 'right';
  for (let i = 0; i <= 4; i++) {
    const value = (highest * i) / 4;
    drawLine(
      context,
      [
        [x(0), y(value)],
        [x(lastStep), y(value)],
      ],
      1,
    );
    context.fillText(value.toFixed(1), x(0) - 8, y(value) + 4);
  }
  context.textAlign = 'center';
  const spacing = tickSpacing(lastStep);
  for (let step = 0; step <= lastStep - spacing / 3; step += spacing)
    context.fillText(String(step), x(step), y(0) + 18);
  context.textAlign = 'right';
  context.fillText('steps', x(lastStep), y(0) + 18);
  context.lineWidth = 2;
}

/** 1, 2 or 5 times a power of ten, for about six ticks. */
function tickSpacing(lastStep: number): number {
  const power = 10 ** Math.floor(Math.log10(lastStep / 6));
  return ([1, 2, 5, 10].find((each) => each * power >= lastStep / 6) ?? 10) * power;
}

function drawLine(context: CanvasRenderingContext2D, points: readonly (readonly number[])[], opacity: number): void {
  context.globalAlpha = opacity;
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x as number, y as number);
  context.stroke();
  context.globalAlpha = 1;
}

function runningMean(points: Series['points'], count: number): [number, number][] {
  return points.map(([step], i) => {
    const window = points.slice(Math.max(0, i - count + 1), i + 1);
    return [step, window.reduce((sum, [, value]) => sum + value, 0) / window.length];
  });
}
