import { type ComponentType, lazy, Suspense } from 'react'
import { loadInsideWords } from './words/speaking.ts'

const loads: (() => Promise<unknown>)[] = []

/**
 * A component whose code and words are not part of the first screen. They are fetched once the first screen
 * stands, so that it is there when somebody wants it, also without a connection. When that fails it throws: there
 * has to be a `Boundary` around it.
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
        // A `lazy` that has failed stays so: the next attempt takes a new one.
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

/** Fetches everything that comes later. What fails now is fetched again when it is wanted. */
export async function fetchTheRest(): Promise<void> {
  for (const load of [loadInsideWords, ...loads]) await load().catch(() => {})
}
