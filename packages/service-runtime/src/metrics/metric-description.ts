/** The name of a metric and its help text. docs/metrics.md lists them all. */
export interface MetricDescription {
  readonly name: string
  readonly help: string
}
