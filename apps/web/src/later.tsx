import { type ComponentType, lazy, Suspense } from 'react'
import { loadInsideWords } from './words/speaking.ts'

const loads: (() => Promise<unknown>)[] = []

/**
 * A component whose code and words aren't part of the first screen. They are fetched once the first screen is up, so
 * that they're ready when needed, even offline. If that fails, it throws, so it needs a `Boundary` around it.
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  loads.push(load)
  const begin = () =>
    lazy(async () => {
      try {
        const [component] = await Promise.all([load(), loadInsideWords()])
        return { default: component }
      } catch (error) {
        // A failed `lazy` stays failed, so the next attempt uses a new one.
        Loaded = begin()
        throw error
      }
    })
  let Loaded = begin()
  return (props) => (
    <Suspense fallback={null}>
      <Loaded {...props} />
    </Suspense>
  )
}

/** Fetches everything that isn't part of the first screen. A failed fetch is repeated when the part is needed. */
export async function fetchTheRest(): Promise<void> {
  for (const load of [loadInsideWords, ...loads]) await load().catch(() => {})
}
