import { type ComponentType, lazy, Suspense } from 'react'

const loads: (() => Promise<unknown>)[] = []

/**
 * A component whose code is not part of the first screen. It is fetched once the first screen stands,
 * so that it is there when somebody wants it, also without a connection. When that fails it throws: there
 * has to be a `Boundary` around it.
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  loads.push(load)
  const begin = () =>
    lazy(async () => {
      try {
        return { default: await load() }
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
  for (const load of loads) await load().catch(() => {})
}
