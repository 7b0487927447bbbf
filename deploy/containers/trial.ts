import assert from 'node:assert/strict'
import { Health } from '@sotto/service-runtime'
import { countCheck } from '../count-checks.ts'
import { eventuallyShown, untilHealthy } from './containers.ts'
import type { Installation } from './installation.ts'
import type { TwoPeople } from './two-people.ts'

/** What the steps of a trial share. */
export interface Trial {
  /** Where people reach it. */
  readonly origin: string
  readonly installation: Installation
  readonly people: TwoPeople
}

/** How Compose is called in docs/operating.md. */
export const compose = 'docker compose -f deploy/compose.yaml'

/** One check with its time. The first that fails ends the trial: the others begin where it would have ended. */
export async function check<T>(name: string, act: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const withTime = () => `${name} (${Math.round((performance.now() - begun) / 1000)} s)`
  try {
    const value = await act()
    countCheck(withTime())
    return value
  } catch (error) {
    const words = error instanceof Error ? error.message : `${error}`
    countCheck(withTime(), words.split('\n'))
    throw new TrialEnded()
  }
}

/** A check failed, and was counted. */
export class TrialEnded extends Error {}

/** What the gateway tells everybody. */
export async function readHealth(origin: string): Promise<{ status: number; health: Health }> {
  const answer = await fetch(`${origin}/health`)
  return { status: answer.status, health: Health.parse(await answer.json()) }
}

/** Every container and the gateway's /health are well; both people have everything, also on new devices. */
export async function checkEverythingIsThere({
  origin,
  installation,
  people,
}: Trial): Promise<void> {
  await check(`everything is there: ${people.count} messages`, async () => {
    await untilHealthy(installation.project)
    const isWell = async () => (await readHealth(origin).catch(() => undefined))?.status === 200
    await eventuallyShown('/health to be well', isWell)
    await people.comeBack()
    // Each of two people.
    assert.equal(await people.readEverything(), 2 * people.count)
  })
}
