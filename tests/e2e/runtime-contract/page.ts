import { ops as $, type Backend, type CompileOptions, compile } from '@vesalius/engine';
import { RUNTIME_CONTRACT } from '../../../packages/engine/src/testing/runtime-contract.ts';

/** Runs one check of the contract; empty where it holds, else what went wrong. */
async function runCheck(name: string, options: CompileOptions): Promise<string> {
  const check = RUNTIME_CONTRACT.find((each) => each.name === name);
  return check ? outcome(() => check.run(options)) : `no check ${name}`;
}

/** Loads a small graph. */
function tryBackend(backend: Backend): Promise<string> {
  return outcome(() => compile({ outputs: { y: $.add($.input('x', [2]), 1) }, states: {} }, { backend }));
}

async function outcome(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return '';
  } catch (error) {
    return String(error);
  }
}

Object.assign(globalThis, { runCheck, tryBackend });
