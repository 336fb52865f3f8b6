import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import type { JobState } from '../jobs/job-queue.ts';
import type { Archive } from '../store/archive.ts';
import { counter, expose, type Family, gauge, histogram } from './exposition.ts';

interface MetricsSources {
  readonly archive: Archive;
  /** DICOM associations now open. */
  readonly associations: () => number;
  readonly countJobs: () => Promise<ReadonlyMap<JobState, number>>;
}

/** Upper bounds, in seconds. */
const BOUNDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];
/** A finer one would wake an idle process all the time. */
const DELAY_RESOLUTION_MS = 100;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/**
 * Counts what the server does. Labels are routes, statuses and states only: never an address, never data.
 *
 * @returns all of it in Prometheus' text format
 */
export function createMetrics(app: FastifyInstance, sources: MetricsSources): () => Promise<string> {
  const { archive, associations, countJobs } = sources;
  const requests = histogram('vesalius_http_request_seconds', 'Time to the last byte of an answer.', BOUNDS);
  const instances = counter('vesalius_instances_total', 'Instances stored and removed.');
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  archive.onChange(async (_, changes) => {
    for (const { kind } of changes) instances.add({ change: kind });
  });
  const ofProcess = processFamilies();
  return async () => {
    const jobs = [...(await countJobs())].map(([state, count]) => [{ state }, count] as const);
    return expose([
      requests,
      instances,
      gauge('vesalius_associations', 'DICOM associations now open.', () => [[{}, associations()]]),
      gauge('vesalius_jobs', 'Jobs in the queue by state.', () => jobs),
      ...ofProcess,
    ]);
  };
}

/** Under the names that Prometheus' own clients give them. */
function processFamilies(): Family[] {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const started = Date.now() / 1000 - process.uptime();
  const one = (name: string, help: string, value: () => number) => gauge(name, help, () => [[{}, value()]]);
  return [
    {
      ...{ name: 'process_cpu_seconds_total', help: 'Processor time.', type: 'counter' },
      samples: () => {
        const { user, system } = process.cpuUsage();
        return [['', {}, (user + system) / MICROSECONDS]];
      },
    },
    one('process_start_time_seconds', 'Since 1970.', () => started),
    one('process_resident_memory_bytes', 'Memory in use.', () => process.memoryUsage.rss()),
    one('nodejs_heap_size_used_bytes', 'Memory in use by JavaScript.', () => process.memoryUsage().heapUsed),
    one('nodejs_eventloop_lag_p99_seconds', 'How late timers came.', () => delay.percentile(99) / NANOSECONDS),
  ];
}
