import { eventually } from './eventually.ts'

/** A `fetch` that delays requests of one kind until something else has happened. */
export function held(method: string, path: string, until: () => boolean | Promise<boolean>) {
  const line = {
    /** How many of them have arrived. */
    count: 0,
    fetch: async (...[address, options]: Parameters<typeof fetch>) => {
      if (options?.method === method && new URL(String(address)).pathname.endsWith(path)) {
        line.count += 1
        await eventually(`${method} ${path} to go on`, until)
      }
      return fetch(address, options)
    },
  }
  return line
}
