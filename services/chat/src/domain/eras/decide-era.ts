import {
  DomainError,
  type EventOutbox,
  type RecordedEvents,
  type Sql,
  type Tx,
} from '@sotto/service-runtime'
import * as conversations from '../../store/conversations/conversations.ts'
import * as participants from '../../store/conversations/participants.ts'
import * as envelopes from '../../store/envelopes/envelopes.ts'
import * as acceptanceMarks from '../../store/eras/acceptance-marks.ts'
import * as eras from '../../store/eras/eras.ts'
import * as instances from '../../store/eras/instances.ts'
import type { AcceptanceMemory, Acknowledgement } from './acceptance-memory.ts'
import { type Ruling, ruleOnEra } from './rule-on-era.ts'

interface Dependencies {
  readonly sql: Sql
  readonly outbox: EventOutbox
  readonly memory: AcceptanceMemory
}

/**
 * Checks whether the database still has everything that was acknowledged, and decides whether its
 * era continues. Unless the ruling is `wait`, everything in `memory` is settled afterwards. Throws
 * `unavailable` if the database is read-only.
 *
 * An instance that starts later cannot distinguish a data folder that was restored file by file
 * from the original. The operator reveals it by changing `home` in `chat.eras`; see
 * docs/operating.md.
 */
export async function decideEra(deps: Dependencies, isGraceOver: boolean): Promise<Ruling> {
  const { sql, outbox, memory } = deps
  const { ruling, server, compared, isPast, recorded } = await sql.begin(async (tx) => {
    await eras.lock(tx)
    const place = await eras.findPlace(tx)
    if (place.isStandby) throw new DomainError('unavailable')
    const current = await eras.findCurrent(tx)
    const compared = memory.elsewhere(place.server)
    // An era that began on this server covers everything that was acknowledged on former ones.
    const isCovered = current?.beganOn === place.server
    const isMissing = !isCovered && !(await areAllPresent(tx, memory.instanceId, compared))
    const isFresh = memory.server === undefined
    const others = await instances.listOthers(tx, memory.instanceId)
    const ruling = ruleOnEra({ place, current, isMissing, isFresh, others, isGraceOver })
    const recorded = await carryOut(tx, { ruling, place, current, outbox })
    if (ruling !== 'wait' || !isFresh) {
      await instances.register(tx, { id: memory.instanceId, home: place.home })
    }
    const isPast = isCovered || recorded !== undefined
    return { ruling, server: place.server, compared, isPast, recorded }
  })
  if (ruling === 'wait') return ruling
  if (isPast) memory.forget(compared)
  memory.settle(server, compared)
  if (recorded) outbox.publish(recorded)
  return ruling
}

async function areAllPresent(
  tx: Tx,
  instanceId: string,
  acknowledgements: readonly Acknowledgement[],
): Promise<boolean> {
  const placed = acknowledgements.flatMap(({ envelopes = [] }) => envelopes)
  const marks = acknowledgements.flatMap(({ mark }) => mark ?? [])
  const isLogged =
    placed.length === 0 || (await envelopes.countPresent(tx, placed)) === placed.length
  if (!isLogged) return false
  return (
    marks.length === 0 ||
    (await acceptanceMarks.countPresent(tx, instanceId, marks)) === marks.length
  )
}

/** Stores the ruling. Returns the event that announces an era, if one began. */
async function carryOut(
  tx: Tx,
  {
    ruling,
    place,
    current,
    outbox,
  }: {
    ruling: Ruling
    place: eras.Place
    current: eras.Line | undefined
    outbox: EventOutbox
  },
): Promise<RecordedEvents | undefined> {
  if (ruling === 'same' || ruling === 'wait') return undefined
  if (ruling === 'continue' && current) {
    await eras.continueOn(tx, current.era, place)
    return undefined
  }
  const era = await eras.begin(tx, place)
  await instances.removeElsewhere(tx, place.home)
  // The rows of a dump carry transaction numbers from another place. If the last transactions are
  // missing, no row carries their numbers.
  if (ruling === 'first' || ruling === 'elsewhere') await fitToPlace(tx)
  return outbox.add(tx, current ? [{ type: 'era.began', era }] : [])
}

/** Otherwise, everything would count as changed until the transaction numbers have caught up. */
async function fitToPlace(tx: Tx) {
  // It happens once, however large the tables are.
  await tx`set local statement_timeout = 0`
  await conversations.forgetFutureChanges(tx)
  await participants.forgetFutureChanges(tx)
}
