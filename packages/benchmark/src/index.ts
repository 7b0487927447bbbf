/**
 * Measures the speed of the protocols on this machine and in this runtime. Runs unchanged in
 * browsers and in Node. Nothing here protects anything. `./plan` and `./report` are separate
 * entries, for code that displays figures and measures elsewhere.
 */
export * from './plan.ts'
export * from './report.ts'
export { runBenchmark, type Step } from './run-benchmark.ts'
