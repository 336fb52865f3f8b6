import { type DetectionFigures, FROC_RATES } from '@vesalius/medical';
import { lineChart } from '../report/charts/line-chart.ts';
import { html } from '../report/html.ts';
import { renderPage } from '../report/render-page.ts';

/** Beyond this nobody reads on. */
const MOST_ALARMS = 8;

/** The free-response curve with its table, as one HTML file. */
export function frocPage(title: string, figures: DetectionFigures): string {
  const { curve, sensitivities, score, scans, findings } = figures;
  const points = curve.fpsPerImage
    .map((x, i) => ({
      x,
      y: curve.totalSensitivity[i] as number,
      title: `${x.toFixed(3)} false positives a scan: sensitivity ${(curve.totalSensitivity[i] as number).toFixed(3)}`,
    }))
    .filter(({ x }) => x <= MOST_ALARMS)
    .toReversed();
  const chart = lineChart({
    description: `Sensitivity against false positives a scan, ${points.length} thresholds`,
    points,
    xName: 'false positives a scan',
    yName: 'sensitivity',
    colour: 'var(--accent)',
    yLow: 0,
    yHigh: 1,
  });
  const rows = FROC_RATES.map(
    (rate, i) => html`<tr><td>${rate}</td><td></td><td>${sensitivities[i]?.toFixed(3) ?? ''}</td></tr>`,
  );
  return renderPage({
    title,
    body: html`<h1>${title}</h1>
<p class="muted">${findings} nodules in ${scans} scans. Mean sensitivity ${score.estimate.toFixed(3)}, 95 % interval over scans ${score.low.toFixed(3)} to ${score.high.toFixed(3)}.</p>
<div class="grid two"><section class="card">${chart}</section>
<section class="card"><table><thead><tr><th scope="col">False positives a scan</th><th scope="col"></th><th scope="col">Sensitivity</th></tr></thead><tbody>${rows}</tbody></table></section></div>
<footer class="muted">Not a medical device.</footer>`,
  });
}
