import { audit } from './audit.ts';
import { bench } from './bench.ts';
import { classify } from './classify.ts';
import type { Command } from './command.ts';
import { compare } from './compare.ts';
import { convert } from './convert.ts';
import { deidentify } from './deidentify.ts';
import { demo } from './demo.ts';
import { detect } from './detect.ts';
import { ensemble } from './ensemble.ts';
import { evaluate } from './evaluate.ts';
import { federate } from './federate.ts';
import { importScans } from './import.ts';
import { inspect } from './inspect.ts';
import { password } from './password.ts';
import { perfusion } from './perfusion.ts';
import { phantom } from './phantom.ts';
import { plan } from './plan.ts';
import { predict } from './predict.ts';
import { pretrain } from './pretrain.ts';
import { prune } from './prune.ts';
import { reproduce } from './reproduce.ts';
import { serve } from './serve.ts';
import { train } from './train.ts';
import { verify } from './verify.ts';
import { weights } from './weights.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  serve,
  importScans,
  verify,
  audit,
  password,
  convert,
  deidentify,
  plan,
  train,
  compare,
  ensemble,
  prune,
  evaluate,
  predict,
  inspect,
  perfusion,
  reproduce,
  pretrain,
  weights,
  classify,
  detect,
  federate,
  bench,
  phantom,
  demo,
];
