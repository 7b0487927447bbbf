import { z } from 'zod'
import { foreignPackages, type LockFile } from './lock-file.ts'
import { acceptedAdvisories } from './policy.ts'

const severities = ['info', 'low', 'moderate', 'high', 'critical'] as const
type Severity = (typeof severities)[number]

// The output of `npm audit --json`. A string in `via` is the name of another package in the list.
const Report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({
      nodes: z.array(z.string()),
      via: z.array(
        z.union([
          z.string(),
          z.object({
            name: z.string(),
            title: z.string(),
            url: z.string(),
            severity: z.enum(severities),
          }),
        ]),
      ),
    }),
  ),
})

/** Known vulnerabilities of the packages in the lockfile. */
export interface Advisories {
  /** Lines about vulnerabilities that must be fixed or accepted. */
  readonly serious: readonly string[]
  /** Lines about the others, with the reason. */
  readonly others: readonly string[]
}

/**
 * Parses the output of `npm audit --json`. Serious are vulnerabilities that strangers could
 * exploit: from `moderate` up in code that is delivered or runs on a server, only `critical` in our
 * tools. Undefined if the registry did not answer.
 */
export function readAudit(text: string, lock: LockFile): Advisories | undefined {
  const report = Report.safeParse(parseJson(text))
  if (!report.success) return undefined
  const development = new Set(
    foreignPackages(lock).flatMap(({ folder, isDevelopment }) => (isDevelopment ? [folder] : [])),
  )
  const found = new Map<string, { line: string; isSerious: boolean }>()
  for (const { nodes, via } of Object.values(report.data.vulnerabilities)) {
    const isTool = nodes.every((node) => development.has(node))
    for (const one of via) {
      if (typeof one === 'string') continue
      const { name, title, url, severity } = one
      const accepted = acceptedAdvisories[url.split('/').at(-1) ?? '']
      const why = accepted ? `; accepted: ${accepted}` : isTool ? '; only in our tools' : ''
      const isSerious = !accepted && isAtLeast(severity, isTool ? 'critical' : 'moderate')
      found.set(url, { line: `${severity}: ${name}: ${title}, ${url}${why}`, isSerious })
    }
  }
  const lines = [...found.values()]
  return {
    serious: lines.filter(({ isSerious }) => isSerious).map(({ line }) => line),
    others: lines.filter(({ isSerious }) => !isSerious).map(({ line }) => line),
  }
}

const isAtLeast = (severity: Severity, least: Severity) =>
  severities.indexOf(severity) >= severities.indexOf(least)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
