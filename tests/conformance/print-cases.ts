import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/** Prints a line for each case, then the failures, and the total last. */
export class CasePrinter implements Reporter {
  passed = 0
  failed = 0
  #notApplicable = 0
  readonly #failures: string[] = []

  onTestCaseResult(testCase: TestCase): void {
    const result = testCase.result()
    const duration = Math.round(testCase.diagnostic()?.duration ?? 0)
    if (result.state === 'passed') {
      this.passed += 1
      console.log(`ok      ${testCase.fullName}  ${duration} ms`)
    } else if (result.state === 'skipped' && result.note) {
      this.#notApplicable += 1
      console.log(`n/a     ${testCase.fullName}  ${result.note}`)
    } else if (result.state === 'skipped') {
      // Its stage could not be set up, which is reported and counted as a failure below.
      console.log(`not run ${testCase.fullName}`)
    } else {
      this.#fail(testCase.fullName, result.errors ?? [])
    }
  }

  /** A file whose stage could not be set up fails as one case. */
  onTestModuleEnd(module: TestModule): void {
    const suites = [...module.children.allSuites()]
    const errors = [module, ...suites].flatMap((one) => one.errors())
    if (errors.length > 0) this.#fail(module.relativeModuleId, errors)
  }

  onTestRunEnd(_: readonly TestModule[], errors: readonly SerializedError[]): void {
    if (errors.length > 0) this.#fail('something outside of all cases', errors)
    for (const failure of this.#failures) console.log(`\n${failure}`)
    console.log()
    if (this.#notApplicable > 0) console.log(`${this.#notApplicable} not applicable`)
    console.log(`${this.passed} passed, ${this.failed} failed`)
  }

  #fail(name: string, errors: readonly Pick<SerializedError, 'message' | 'stacks'>[]): void {
    this.failed += 1
    console.log(`FAILED  ${name}`)
    const details = errors.map(({ message, stacks = [] }) => {
      const at = stacks.map(({ file, line }) => `  at ${file}:${line}`)
      return [message, ...at].join('\n')
    })
    this.#failures.push([`FAILED  ${name}`, ...details].join('\n'))
  }
}
