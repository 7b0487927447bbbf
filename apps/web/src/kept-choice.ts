import { useSyncExternalStore } from 'react'

/**
 * A choice for this browser that isn't secret. It is stored outside the client's storage, so that it is available
 * before the client is, and to everyone who uses this browser.
 */
export interface KeptChoice<T extends string> {
  readonly chosen: () => T
  readonly choose: (value: T) => void
  /** Calls `onChange` after each choice, in this tab or another, until the returned function is called. */
  readonly subscribe: (onChange: () => void) => () => void
}

/** The choice stored under `sotto.<name>`, one of `values`; the first one is the default. */
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
    subscribe: (onChange) => {
      addEventListener('storage', onChange)
      addEventListener(event, onChange)
      return () => {
        removeEventListener('storage', onChange)
        removeEventListener(event, onChange)
      }
    },
  }
}

// If the browser stores nothing for this page, it throws, and the choice lasts until the tab closes.
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

/** A stored choice, and how to change it. */
export const useKeptChoice = <T extends string>({
  subscribe,
  chosen,
  choose,
}: KeptChoice<T>): readonly [T, (value: T) => void] => [
  useSyncExternalStore(subscribe, chosen),
  choose,
]
