import { useSyncExternalStore } from 'react'

/**
 * Something that somebody chose for this browser and that is no secret. It is kept outside the client's
 * storage, so that it is there before the client is, and for everybody who uses this browser.
 */
export interface KeptChoice<T extends string> {
  readonly chosen: () => T
  readonly choose: (value: T) => void
  /** Calls `changed` after each choice, in this tab or another, until the returned function is called. */
  readonly subscribe: (changed: () => void) => () => void
}

/** The choice kept under `sotto.<name>`, one of `values`; the first one until somebody chooses. */
export function keptChoice<T extends string>(
  name: string,
  values: readonly [T, ...T[]],
): KeptChoice<T> {
  const key = `sotto.${name}`
  const event = `sotto:${name}`
  return {
    chosen: () => values.find((value) => value === kept(key)) ?? values[0],
    choose: (value) => {
      keep(key, value)
      dispatchEvent(new Event(event))
    },
    subscribe: (changed) => {
      addEventListener('storage', changed)
      addEventListener(event, changed)
      return () => {
        removeEventListener('storage', changed)
        removeEventListener(event, changed)
      }
    },
  }
}

// Where a browser keeps nothing for this page it throws, and the choice holds as long as the tab.
const notKept = new Map<string, string>()

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return notKept.get(key) ?? null
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    notKept.set(key, value)
  }
}

/** A kept choice, and how to make another. */
export const useKeptChoice = <T extends string>({
  subscribe,
  chosen,
  choose,
}: KeptChoice<T>): readonly [T, (value: T) => void] => [
  useSyncExternalStore(subscribe, chosen),
  choose,
]
