import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { JobState } from '../jobs/job-queue.ts';
import type { Archive } from '../store/archive.ts';

export interface Metrics {
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/** Counts what the server does. Labels are routes, statuses and actions only: never an address, never data. */
export function createMetrics(app: FastifyInstance, { archive, countJobs, associations }: MetricsSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'vesalius_http_request_seconds',
    help: 'Time to the last byte of an answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers,
  });
  const instances = new Counter({
    name: 'vesalius_instances_total',
    help: 'Instances stored and removed.',
    labelNames: ['change'],
    registers,
  });
  new Gauge({
    name: 'vesalius_jobs',
    help: 'Jobs in the queue by state.',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      for (const [state, count] of await countJobs()) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'vesalius_associations',
    help: 'DICOM associations now open.',
    registers,
    collect() {
      this.set(associations());
    },
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  archive.onChange(async (_, changes) => {
    for (const { kind } of changes) instances.inc({ change: kind });
  });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

interface MetricsSources {
  readonly archive: Archive;
  readonly associations: () => number;
  readonly countJobs: () => Promise<ReadonlyMap<JobState, number>>;
}
