// What came of the checks of a script, for people and for whoever reads its last line and its status.

const counts = { passed: 0, failed: 0 }

/** Prints what came of one check: its faults, or that there are none. */
export function countCheck(name: string, faults: readonly string[] = []): void {
  counts[faults.length === 0 ? 'passed' : 'failed'] += 1
  console.log(`${faults.length === 0 ? 'passed' : 'FAILED'}: ${name}`)
  for (const fault of faults) console.log(`  ${fault}`)
}

/** Prints the last line, and sets the status. Nothing passed is a failure, too. */
export function endChecks(): void {
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1
}
