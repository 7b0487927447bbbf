import type { Line, Place } from '../../store/eras/eras.ts'
import type { Instance } from '../../store/eras/instances.ts'

/** The facts that an instance finds when it checks the database. */
export interface Findings {
  readonly place: Place
  /** The latest line; undefined if there has been no era yet. */
  readonly current: Line | undefined
  /** Whether anything that this instance acknowledged is missing. */
  readonly isMissing: boolean
  /** Whether this instance has just started, so that it cannot vouch for the past. */
  readonly isFresh: boolean
  /** Registered instances. */
  readonly others: readonly Instance[]
  /** Whether it has waited long enough for them. */
  readonly isGraceOver: boolean
}

/**
 * - `same`: an instance has already decided about this server, and nothing is missing.
 * - `continue`: nothing is missing, so the era continues on this server.
 * - `wait`: undecided; nothing may be acknowledged in the meantime.
 * - All others start an era and name its reason.
 */
export type Ruling = 'same' | 'continue' | 'wait' | 'first' | 'elsewhere' | 'missing' | 'unproven'

/**
 * Decides whether an era begins. It does if the database was restored in another place, if an
 * accepted transaction is missing, and if no instance is left that could know.
 */
export function ruleOnEra(findings: Findings): Ruling {
  const { place, current, isMissing, isFresh, others, isGraceOver } = findings
  if (!current) return 'first'
  if (siteOf(current.home) !== siteOf(place.home)) return 'elsewhere'
  if (isMissing) return 'missing'
  if (current.server === place.server) return 'same'
  // The same server after a restart: everything committed is on its disk.
  if (current.home === place.home) return 'continue'

  const compared = others.filter(({ home }) => home === place.home)
  const isComplete = !isFresh && compared.length === others.length
  if (isComplete) return 'continue'
  return others.length > 0 && !isGraceOver ? 'wait' : 'unproven'
}

/** A home without its timeline, which a promotion changes even if nothing is lost. */
function siteOf(home: string): string {
  return home.split('/').toSpliced(1, 1).join('/')
}
