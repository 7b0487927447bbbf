import { ClientError } from '../api/errors.ts'

/**
 * For each state, the events that may happen and the state that each leads to. `null`: the event may happen but changes
 * nothing. An event that isn't listed must not happen in that state.
 */
export type Transitions<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State | null>>>>
>

/** A state machine as plain data, for the code that runs it, for tests and for documents. */
export interface StateTable<State extends string, Event extends string> {
  readonly initial: State
  /** States that no event leads out of. */
  readonly final: readonly State[]
  readonly transitions: Transitions<State, Event>
  /** The state that `event` leads to; null if it changes nothing. Throws `internal` if it must not happen. */
  next(state: State, event: Event): State | null
}

/** Makes a state table from plain data. */
export function defineStateTable<State extends string, Event extends string>(
  table: Omit<StateTable<State, Event>, 'next'>,
): StateTable<State, Event> {
  return {
    ...table,
    next: (state, event) => {
      const next = table.transitions[state][event]
      if (next === undefined) throw new ClientError('internal', { state, event })
      return next
    },
  }
}
