import type { Commands } from '@sotto/sdk'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Failure, failureOf } from '../errors/failure.ts'
import { useClient } from './client-context.tsx'

interface Running<Args extends readonly unknown[]> {
  /** Runs the command; resolves to true if it succeeded. Does nothing while it is already running. */
  readonly run: (...args: Args) => Promise<boolean>
  readonly busy: boolean
  readonly failure: Failure | null
  readonly forget: () => void
}

/** A command with the state that a form needs. */
export function useCommand<Args extends readonly unknown[]>(
  command: (commands: Commands, ...args: Args) => Promise<unknown>,
): Running<Args> {
  const { commands } = useClient()
  const latest = useRef(command)
  latest.current = command
  const running = useRef(false)
  const [state, setState] = useState<{ busy: boolean; failure: Failure | null }>(idle)

  const run = useCallback(
    async (...args: Args) => {
      if (running.current) return false
      running.current = true
      setState({ busy: true, failure: null })
      try {
        await latest.current(commands, ...args)
        setState(idle)
        return true
      } catch (thrown) {
        setState({ busy: false, failure: failureOf(thrown) })
        return false
      } finally {
        running.current = false
      }
    },
    [commands],
  )
  const forget = useCallback(() => setState(idle), [])
  return { run, ...state, forget }
}

const idle = { busy: false, failure: null }

export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'loaded'; readonly value: T }

/** The result of a reading command; loaded again when `name` changes and after `reload`. */
export function useLoaded<T>(
  name: string,
  load: (commands: Commands) => Promise<T>,
): Loaded<T> & { readonly reload: () => void } {
  const { commands } = useClient()
  const [turn, setTurn] = useState(0)
  const [loaded, setLoaded] = useState<{ name: string; result: Loaded<T> } | null>(null)
  const latest = useRef(load)
  latest.current = load

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` triggers a reload
  useEffect(() => {
    let wanted = true
    const show = (result: Loaded<T>) => {
      if (wanted) setLoaded({ name, result })
    }
    latest.current(commands).then(
      (value) => show({ state: 'loaded', value }),
      (thrown) => show({ state: 'failed', failure: failureOf(thrown) }),
    )
    return () => {
      wanted = false
    }
  }, [commands, name, turn])

  const reload = useCallback(() => setTurn((last) => last + 1), [])
  const result: Loaded<T> = loaded?.name === name ? loaded.result : { state: 'loading' }
  return { ...result, reload }
}
