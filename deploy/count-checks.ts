// Prints the results of a script's checks, for people and for programs that read its last line and
// its exit status.

const counts = { passed: 0, failed: 0 }

/** Prints the result of one check: its faults, or that there are none. */
export function countCheck(name: string, faults: readonly string[] = []): void {
  counts[faults.length === 0 ? 'passed' : 'failed'] += 1
  console.log(`${faults.length === 0 ? 'passed' : 'FAILED'}: ${name}`)
  for (const fault of faults) console.log(`  ${fault}`)
}

/** Prints the last line and sets the exit status. If nothing passed, that is a failure too. */
export function endChecks(): void {
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1
}
