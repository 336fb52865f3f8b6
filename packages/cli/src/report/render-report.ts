import type { HistoryPoint, MetricInterval } from '@vesalius/bundle';
import { durationText } from '../run/progress.ts';
import { lineChart } from './charts/line-chart.ts';
import { type Strip, stripChart } from './charts/strip-chart.ts';
import { classColourCss } from './class-colours.ts';
import { type Html, html } from './html.ts';
import { renderPage } from './render-page.ts';
import type { CaseScores, ReportCase, ReportPicture, TrainingReport } from './training-report.ts';

/** The report as one HTML file that needs nothing else. */
export function renderReport(report: TrainingReport): string {
  const body = html`<h1>${report.title}</h1>
<p class="muted">${report.summary}</p>
<div class="grid top">${headline(report.metrics)}${facts(report)}</div>
<h2>Training</h2>
<div class="grid two">${curves(report.history)}</div>
<h2>Results on cases that were not trained on</h2>
<div class="card wide">${metricTable(report.metrics)}</div>
<div class="card case wide">${distribution(report)}</div>
${cases(report)}
${notes(report.warnings)}
<footer class="muted">Not a medical device. The intervals say how sure the figures are for patients like these, not for others.</footer>`;
  return renderPage({ title: report.title, body });
}

const METRIC_NAMES: Readonly<Record<string, string>> = {
  dice: 'Dice',
  iou: 'IoU',
  hd95: 'HD95 (mm)',
  surfaceDice: 'Surface Dice',
};

function headline(metrics: readonly MetricInterval[]): Html {
  const metric = metrics.find(({ name, className }) => name === 'dice' && className === undefined) ?? metrics[0];
  if (!metric) return html`<section class="card figure"><p class="muted">Nothing was measured.</p></section>`;
  return html`<section class="card figure"><span class="muted">Mean ${METRIC_NAMES[metric.name] ?? metric.name}</span>
<strong>${metric.estimate.toFixed(3)}</strong>
<span class="muted">${interval(metric)}, ${metric.cases} cases</span></section>`;
}

function interval({ low, high, confidence }: MetricInterval): string {
  return `${Math.round(100 * confidence)} % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
}

function facts({ facts: items }: TrainingReport): Html {
  return html`<section class="card"><dl>${items.map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

function curves(history: readonly HistoryPoint[]): Html {
  const titleOf = ({ step, seconds }: HistoryPoint, text: string) =>
    `step ${step}, after ${durationText(seconds)}: ${text}`;
  const loss = history.map((point) => ({
    x: point.step,
    y: point.loss,
    title: titleOf(point, `loss ${point.loss.toFixed(4)}`),
  }));
  const dice = history.flatMap((point) =>
    point.dice === undefined
      ? []
      : { x: point.step, y: point.dice, title: titleOf(point, `Dice ${point.dice.toFixed(4)}`) },
  );
  const lossChart = lineChart({
    points: loss,
    description: `Training loss over ${loss.length} measurements, last ${loss.at(-1)?.y.toFixed(3)}`,
    xName: 'step',
    yName: 'training loss',
    colour: 'var(--accent)',
    yLow: 0,
  });
  const diceChart = lineChart({
    points: dice,
    description: `Validation Dice over ${dice.length} measurements, last ${dice.at(-1)?.y.toFixed(3)}`,
    xName: 'step',
    yName: 'Dice of the training batch',
    colour: classColourCss(2),
    yHigh: 1,
    marks: dice.length <= 60,
  });
  return html`<section class="card">${lossChart}</section><section class="card">${diceChart}</section>`;
}

function metricTable(metrics: readonly MetricInterval[]): Html {
  const rows = metrics.map(
    (metric) =>
      html`<tr><td>${METRIC_NAMES[metric.name] ?? metric.name}</td><td>${metric.className ?? 'mean of classes'}</td><td><b>${figure(metric.estimate)}</b></td><td>${figure(metric.low)} to ${figure(metric.high)}</td><td>${metric.cases}</td></tr>`,
  );
  const confidence = Math.round(100 * (metrics[0]?.confidence ?? 0.95));
  return html`<table><thead><tr><th scope="col">Metric</th><th scope="col">Class</th><th scope="col">Estimate</th><th scope="col">${confidence} % interval</th><th scope="col">Cases</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function distribution({ cases: all, classNames }: TrainingReport): Html {
  const strips = classNames.map((name, i): Strip => {
    const measured = all.filter(({ dice }) => Number.isFinite(dice[name]));
    const values = measured.map(({ id, dice }) => ({
      value: dice[name] as number,
      title: `${id}: ${figure(dice[name] as number)}`,
    }));
    return { name, colour: classColourCss(i), values };
  });
  const description = `Dice of ${all.length} cases for each of ${classNames.join(', ')}: dots are cases, boxes reach from quartile to quartile`;
  return stripChart({
    strips,
    description,
    valueName: 'Dice of each case; box from quartile to quartile, line at the median',
  });
}

function cases({ shown, classNames }: TrainingReport): Html {
  if (shown.length === 0) return html``;
  const legend = classNames.map((name, i) => {
    const colour = classColourCss(i);
    return html`<li><i style="border-color:${colour};background:color-mix(in srgb, ${colour} 38%, transparent)"></i>${name}</li>`;
  });
  return html`<h2>Cases</h2>
<p class="muted">Tint: what the model found. Line: what the person drew.</p>
<ul class="legend">${legend}</ul>
${shown.map((item) => caseCard(item, classNames))}`;
}

function caseCard({ caption, scores, pictures }: ReportCase, classNames: readonly string[]): Html {
  return html`<article class="card case"><header><h3>${caption}: ${scores.id}</h3><span class="muted">${scoreText(scores, classNames)}</span></header>
<div class="pictures">${pictures.map((picture) => pictureFigure(picture, `${caption}, ${scores.id}`))}</div></article>`;
}

function scoreText({ meanDice, dice }: CaseScores, classNames: readonly string[]): string {
  const ofClasses = classNames.map((name) => `${name} ${figure(dice[name] ?? Number.NaN)}`);
  return `Dice ${figure(meanDice)} (${ofClasses.join(', ')})`;
}

function pictureFigure({ plane, width, height, png }: ReportPicture, of: string): Html {
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const text = `${of}: ${plane} slice with the prediction as a tint and the truth as an outline`;
  return html`<figure><div class="scan"><img src="${source}" width="${width}" height="${height}" alt="${text}"></div><figcaption>${plane}</figcaption></figure>`;
}

function notes(warnings: readonly string[]): Html {
  if (warnings.length === 0) return html``;
  return html`<h2>What the data check found</h2><div class="card"><ul class="notes">${warnings.map((text) => html`<li>${text}</li>`)}</ul></div>`;
}

function figure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : 'none';
}
