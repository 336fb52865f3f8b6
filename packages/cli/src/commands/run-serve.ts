import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join, relative } from 'node:path';
import { type PartialSettings, type RunningServer, startServer } from '@vesalius/server';
import type { OptionValues } from '../arguments/option.ts';
import type { CommandArguments, CommandContext, OutputStream } from './command.ts';
import { readServerSettings } from './read-server-settings.ts';
import type { SERVE_OPTIONS } from './serve.ts';

/** Starts the server and keeps it until it is stopped. */
export async function runServe(
  { options }: CommandArguments<typeof SERVE_OPTIONS>,
  { stdout, stderr, signal, json, cwd }: CommandContext,
): Promise<void> {
  // Trainings are processes of this program.
  const program = { command: process.execPath, args: process.argv.slice(1, 2) };
  const settings = { program, ...page(), ...readServerSettings(options, cwd, givenBy(options)) };
  const server = await startServer(settings, { logLevel: options.log ?? (stderr.isTTY ? 'warn' : 'info') });
  try {
    if (json) stdout.write(`${JSON.stringify(described(server))}\n`);
    else announce(server, stdout, cwd);
    // A server seldom ends as a program does that keeps what it compiled.
    flushCompileCache();
    if (server.firstAdmin && !options['no-samples']) {
      const { addSampleScans } = await import('../samples/add-sample-scans.ts');
      await addSampleScans(server.services, signal);
    }
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await server.close();
  }
}

/** The build of the workbench: beside the source in its package, beside the bundled code below `workbench`. */
function page(): { readonly workbench?: string } {
  const places = ['../../../workbench/dist', './workbench', '../workbench'].map((place) =>
    join(import.meta.dirname, place),
  );
  const workbench = places.find((place) => existsSync(join(place, 'index.html')));
  return workbench === undefined ? {} : { workbench };
}

function givenBy(options: OptionValues<typeof SERVE_OPTIONS>): PartialSettings {
  const { host, port, 'dimse-port': dimsePort, 'ae-title': aeTitle, 'federation-port': sitesPort } = options;
  const federation = sitesPort === undefined ? {} : { port: sitesPort };
  const dimse = {
    ...(dimsePort === undefined ? {} : { port: dimsePort }),
    ...(aeTitle === undefined ? {} : { aeTitle }),
  };
  return {
    dimse,
    federation,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { httpPort: port }),
  };
}

function described({ url, dimsePort, services, firstAdmin }: RunningServer): object {
  const { dataFolder, dimse } = services.settings;
  const { url: federationUrl } = services.federations;
  return {
    ...(federationUrl === undefined ? {} : { federationUrl }),
    url,
    dimsePort,
    aeTitle: dimse.aeTitle,
    dataFolder,
    ...(firstAdmin ? { firstAdmin } : {}),
  };
}

function announce({ url, dimsePort, services, firstAdmin }: RunningServer, stdout: OutputStream, cwd: string): void {
  const { dataFolder, dimse, host } = services.settings;
  const lines = [
    `Vesalius answers at ${url}`,
    `DICOM            ${host}:${dimsePort}, AE title ${dimse.aeTitle}`,
    ...(services.federations.url === undefined ? [] : [`Federations      ${services.federations.url}`]),
    `Data             ${relative(cwd, dataFolder) || dataFolder}`,
  ];
  if (firstAdmin)
    lines.push(
      '',
      `First start: sign in as ${firstAdmin.name} with the one-time password, which is shown only now:`,
      '',
    );
  if (firstAdmin) lines.push(`    ${firstAdmin.oneTimePassword}`, '');
  stdout.write(`${lines.join('\n')}\nCtrl-C stops the server.\n`);
}
