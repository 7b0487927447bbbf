import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { createDistribution, type Distribution } from './distribution.ts'
import type { MetricDescription } from './metric-description.ts'

/**
 * The labels of a value. They must never contain anything that people choose: no account, no
 * address.
 */
export type Labels = Readonly<Record<string, string>>

/** A counter. Counting is a single addition. */
export interface Count {
  add(by?: number): void
}

/** The metrics of a process, for Prometheus. Services that share a process share them. */
export interface Metrics {
  readonly contentType: string
  /** All values in the text format of Prometheus. */
  read(): Promise<string>
  counter(what: MetricDescription, labels?: Labels): Count
  /**
   * Reads the value when metrics are collected. If that fails or takes more than a second, the
   * metric is omitted.
   */
  gauge(what: MetricDescription, read: () => number | Promise<number>, labels?: Labels): void
  /** A histogram over `buckets`, whose upper bounds are in ascending order. */
  distribution(what: MetricDescription, buckets: readonly number[]): Distribution
  /** Records an answer of an HTTP server. `route` is the template, never the path. */
  answered(request: { method: string; route: string; status: number }, seconds: number): void
}

const READ_WITHIN_MS = 1_000

interface Source {
  readonly labels: Labels
  readonly read: () => number | Promise<number>
}

/** Creates the metrics of a process. `ofProcess` adds those of Node and the operating system. */
export function createMetrics({ ofProcess = false } = {}): Metrics {
  const registry = new Registry()
  const distributions = new Map<string, Distribution>()
  const httpRequestSeconds = new Histogram({
    name: 'sotto_http_request_seconds',
    help: 'Time until a request was answered',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  })
  if (ofProcess) collectDefaultMetrics({ register: registry })

  return {
    ...createSampled(registry),
    contentType: registry.contentType,
    async read() {
      const own = [...distributions.values()].map((distribution) => distribution.text())
      return (await registry.metrics()) + own.join('')
    },
    distribution(what, buckets) {
      const known = distributions.get(what.name)
      if (known) return known
      const distribution = createDistribution(what, buckets)
      distributions.set(what.name, distribution)
      return distribution
    },
    answered({ method, route, status }, seconds) {
      httpRequestSeconds.observe({ method, route, status }, seconds)
    },
  }
}

/** Metrics whose values are read at collection. */
function createSampled(registry: Registry): Pick<Metrics, 'counter' | 'gauge'> {
  const registers = [registry]
  const sources = new Map<string, Source[]>()

  /** Adds a source to a metric. For the first source, `register` creates the metric. */
  function addSource(name: string, source: Source, register: (all: readonly Source[]) => void) {
    const known = sources.get(name)
    if (known) return void known.push(source)
    const all = [source]
    sources.set(name, all)
    register(all)
  }

  return {
    counter(what, labels = {}) {
      let value = 0
      addSource(what.name, { labels, read: () => value }, (all) => {
        new Counter({ ...what, labelNames: Object.keys(labels), registers, collect })
        async function collect(this: Counter) {
          this.reset()
          for (const { labels, read } of all) this.inc(labels, await read())
        }
      })
      return {
        add(by = 1) {
          value += by
        },
      }
    },
    gauge(what, read, labels = {}) {
      addSource(what.name, { labels, read }, (all) => {
        new Gauge({ ...what, labelNames: Object.keys(labels), registers, collect })
        async function collect(this: Gauge) {
          const values = await Promise.all(all.map(readWithin))
          for (const [i, { labels }] of all.entries()) {
            const value = values[i]
            if (value === undefined) this.remove(labels)
            else this.set(labels, value)
          }
        }
      })
    },
  }
}

/** A hanging database must not block all other metrics. */
async function readWithin({ read }: Source): Promise<number | undefined> {
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, READ_WITHIN_MS)
  const value = Promise.resolve().then(read)
  return Promise.race([value.catch(() => undefined), tooLate]).finally(() => clearTimeout(timer))
}
