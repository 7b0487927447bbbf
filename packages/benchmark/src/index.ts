/**
 * How fast the protocols are, on this machine and in this runtime. Runs unchanged in browsers and in
 * Node. Nothing here protects anything. `./plan` and `./report` are entries of their own, for who shows
 * figures and measures elsewhere.
 */
export * from './plan.ts'
export * from './report.ts'
export { runBenchmark, type Step } from './run-benchmark.ts'
