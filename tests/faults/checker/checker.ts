import type { ConversationId } from '@sotto/wire'
import { type Ledger, type Line, parseText, type Shown } from './ledger.ts'

/** The result of a run. If Sotto keeps its promise, everything from `lost` on is 0. */
export interface Findings {
  readonly accepted: number
  /** Accepted, and not shown on some participant's device; counted for each such device. */
  readonly lost: number
  /** Shown again on the same device. */
  readonly twice: number
  /** Shown after a later one of the same sender in the same conversation. */
  readonly disorder: number
  /** Shown, but never sent, or sent in another conversation. */
  readonly ghosts: number
  /** Accepted, but not where in the log the server said it is. */
  readonly unlogged: number
}

/** Compares what was promised with what is shown and what is in the log, device by device. */
export function check(ledger: Ledger): Findings {
  const lines = [...ledger.lines.values()]
  const screens = screensOf(ledger)
  const sum = (count: (screen: Screen) => number) =>
    screens.reduce((total, screen) => total + count(screen), 0)
  return {
    accepted: ledger.accepted,
    lost: lines.reduce((total, line) => total + countLost(ledger, line), 0),
    twice: sum(countTwice),
    disorder: sum(countDisorder),
    ghosts: sum((screen) => countGhosts(ledger, screen)),
    unlogged: lines.reduce((total, line) => total + countUnlogged(ledger, line), 0),
  }
}

/** What one device shows of one conversation. */
interface Screen {
  readonly conversationId: ConversationId
  readonly items: readonly Shown[]
}

function screensOf({ shown }: Ledger): Screen[] {
  return [...shown.values()].flatMap((conversations) =>
    [...conversations].map(([conversationId, items]) => ({ conversationId, items })),
  )
}

function countLost({ shown }: Ledger, line: Line): number {
  let lost = 0
  for (const reader of line.readers) {
    const items = shown.get(reader)?.get(line.conversationId) ?? []
    const counters = new Set(items.map(({ text }) => counterIn(line.name, text)))
    for (const counter of line.accepted.keys()) if (!counters.has(counter)) lost += 1
  }
  return lost
}

function counterIn(name: string, text: string): number | undefined {
  const parsed = parseText(text)
  return parsed?.line === name ? parsed.counter : undefined
}

function countTwice({ items }: Screen): number {
  return items.length - new Set(items.map(({ text }) => text)).size
}

function countDisorder({ items }: Screen): number {
  const newest = new Map<string, number>()
  let disorder = 0
  for (const { text } of items) {
    const parsed = parseText(text)
    if (!parsed) continue
    const { line, counter } = parsed
    const before = newest.get(line) ?? -1
    // A repeated counter is `twice`, not disorder.
    if (counter < before) disorder += 1
    newest.set(line, Math.max(before, counter))
  }
  return disorder
}

function countGhosts({ lines }: Ledger, { conversationId, items }: Screen): number {
  return items.filter(({ text }) => {
    const parsed = parseText(text)
    const line = parsed && lines.get(parsed.line)
    return !line || line.conversationId !== conversationId || parsed.counter >= line.ids.length
  }).length
}

function countUnlogged({ logged }: Ledger, line: Line): number {
  const log = new Map(logged.get(line.conversationId)?.map(({ seq, id }) => [seq, id]))
  return [...line.accepted].filter(([counter, { seq }]) => log.get(seq) !== line.ids[counter])
    .length
}
