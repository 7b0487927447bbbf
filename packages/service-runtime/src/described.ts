/** What a metric is called, and what it means. Names and meanings stand in docs/metrics.md. */
export interface Described {
  readonly name: string
  readonly help: string
}
