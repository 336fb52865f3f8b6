import type { BundleManifest, MetricInterval } from './manifest.ts';

/** `docs/README.md`: what a person should know before using the model, in plain words, from the manifest alone. */
export function modelCard(
  manifest: BundleManifest,
  { intendedUse, description }: { intendedUse: string; description: string },
): string {
  return `# ${manifest.name} ${manifest.version}

${description}

## Intended use

${intendedUse}

Not a medical device; no claim of clearance is made.

## Input and output

${list([
  `Channels, in this order: ${manifest.channels.map(({ name }) => name).join(', ')}.`,
  `Classes: ${manifest.classes.map(({ value, name }) => `${value} ${name}`).join(', ')}.`,
  `Scans of any size and spacing; they are turned to ${manifest.processing.orientation} and resampled to ${manifest.processing.spacingMm.map((mm) => figure(mm)).join(' x ')} mm, and the label map is brought back to the scan's own grid.`,
  ...largestOnly(manifest),
])}

    vesalius predict BUNDLE IN OUT

## Results

Measured on cases that were not trained on: ${manifest.split.validation.length}. Brackets: ${confidenceOf(manifest)} confidence interval, by bootstrap over cases.

| metric | class | estimate | interval | cases |
|---|---|---|---|---|
${manifest.metrics.map(row).join('\n')}

## Training

${list([
  `Data: ${manifest.data.name}, ${manifest.split.training.length} cases for training; sha256 of every file in \`manifest.json\`.`,
  `${manifest.training.steps} steps in ${Math.round(manifest.training.seconds)} s, seed ${manifest.seed}.`,
  `Network: ${manifest.plan.network.value.name}, patch ${manifest.plan.patchShape.value.join(' x ')}. ${manifest.plan.network.why}`,
  `Made with ${Object.entries(manifest.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`,
  ...(manifest.parent ? [`Adapted from ${manifest.parent.name} (manifest ${manifest.parent.manifestSha256}).`] : []),
])}

\`vesalius reproduce BUNDLE\` trains it again from the same files.

## Limits

${list([
  'Scans from other scanners, sequences, ages or diseases than those trained on can give wrong label maps without a warning.',
  'The intervals say how sure the figures are for patients like these, not for others.',
])}
`;
}

/** One sentence where the rule is applied. */
function largestOnly({ classes, largestComponentTrials }: BundleManifest): string[] {
  const applied = largestComponentTrials.filter((trial) => trial.applied);
  if (applied.length === 0) return [];
  const gains = applied.map(({ value, dice, diceOfLargest }) => {
    const name = classes.find((item) => item.value === value)?.name ?? value;
    return `${name} (Dice ${figure(dice)} to ${figure(diceOfLargest)})`;
  });
  return [
    `Of these classes only the largest component is kept, by \`vesalius predict\`, not inside \`model.onnx\`: ${gains.join(', ')}. This was chosen on the cases below, whose figures are therefore given without it.`,
  ];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function row({ name, className, estimate, low, high, cases }: MetricInterval): string {
  return `| ${name} | ${className ?? 'mean'} | ${figure(estimate)} | ${figure(low)} to ${figure(high)} | ${cases} |`;
}

function confidenceOf({ metrics }: BundleManifest): string {
  return `${Math.round(100 * (metrics[0]?.confidence ?? 0.95))} %`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
