import type { Line, Place } from '../../store/eras/eras.ts'
import type { Instance } from '../../store/eras/instances.ts'

/** The facts when an instance looks at the database. */
export interface Findings {
  readonly place: Place
  /** The latest line; undefined when there has been no era yet. */
  readonly current: Line | undefined
  /** Whether something that this instance acknowledged is missing. */
  readonly isMissing: boolean
  /** Whether this instance has just started, so that it cannot vouch for what was before. */
  readonly isFresh: boolean
  /** Instances that are registered. */
  readonly others: readonly Instance[]
  /** Whether it has waited long enough for them. */
  readonly isGraceOver: boolean
}

/**
 * - `same`: an instance has already decided about this server, and nothing is missing.
 * - `continue`: nothing is missing, so the era continues on this server.
 * - `wait`: not known yet; nothing may be acknowledged meanwhile.
 * - The others begin an era and are its reason.
 */
export type Ruling = 'same' | 'continue' | 'wait' | 'first' | 'elsewhere' | 'missing' | 'unproven'

/**
 * Decides whether an era begins: it does when the database was restored in another place, when
 * something accepted is missing, and when no instance is left that could know.
 */
export function ruleOnEra(findings: Findings): Ruling {
  const { place, current, isMissing, isFresh, others, isGraceOver } = findings
  if (!current) return 'first'
  if (siteOf(current.home) !== siteOf(place.home)) return 'elsewhere'
  if (isMissing) return 'missing'
  if (current.server === place.server) return 'same'
  // The same server after a restart: what is committed is on its disk.
  if (current.home === place.home) return 'continue'

  const compared = others.filter(({ home }) => home === place.home)
  const isComplete = !isFresh && compared.length === others.length
  if (isComplete) return 'continue'
  return others.length > 0 && !isGraceOver ? 'wait' : 'unproven'
}

/** A home without its timeline, which a promotion changes though nothing need be lost. */
function siteOf(home: string): string {
  return home.split('/').toSpliced(1, 1).join('/')
}
