import assert from 'node:assert/strict'
import { Health } from '@sotto/service-runtime'
import { countCheck } from '../count-checks.ts'
import { eventuallyShown, untilHealthy } from './containers.ts'
import type { Installation } from './installation.ts'
import type { TwoPeople } from './two-people.ts'

/** Shared by the steps of a trial. */
export interface Trial {
  /** The address at which users reach it. */
  readonly origin: string
  readonly installation: Installation
  readonly people: TwoPeople
}

/** The call of Compose in docs/operating.md. */
export const compose = 'docker compose -f deploy/compose.yaml'

/**
 * Runs and times one check. The first failure ends the trial, because later checks depend on
 * earlier ones.
 */
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

/** A check failed and was counted. */
export class TrialEnded extends Error {}

/** The public health report of the gateway. */
export async function readHealth(origin: string): Promise<{ status: number; health: Health }> {
  const answer = await fetch(`${origin}/health`)
  return { status: answer.status, health: Health.parse(await answer.json()) }
}

/**
 * All containers and the gateway's /health are healthy, and both people have all messages, including on new devices.
 */
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
    // Both people read everything.
    assert.equal(await people.readEverything(), 2 * people.count)
  })
}
