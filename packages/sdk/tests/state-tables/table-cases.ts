import type { StateTable } from '../../src/state-tables/define-state-table.ts'

/** A table's entry for one event in one state. */
export interface Case<State extends string, Event extends string> {
  readonly state: State
  readonly event: Event
  /** Null if the event changes nothing. */
  readonly next: State | null
  /** Events that lead to `state`. */
  readonly path: readonly Event[]
}

/** Every event that may happen, in every state. The paths start at `from`. */
export function casesOf<State extends string, Event extends string>(
  table: StateTable<State, Event>,
  from: State = table.initial,
): Case<State, Event>[] {
  return statesOf(table).flatMap((state) =>
    movesIn(table, state).map(([event, next]) => ({
      state,
      event,
      next,
      path: pathTo(table, from, state),
    })),
  )
}

/** Every event that must not happen, in every state. */
export function refusedBy<State extends string, Event extends string>(
  table: StateTable<State, Event>,
): [State, Event][] {
  return statesOf(table).flatMap((state) => {
    const known = new Set(movesIn(table, state).map(([event]) => event))
    return eventsOf(table)
      .filter((event) => !known.has(event))
      .map((event): [State, Event] => [state, event])
  })
}

export function statesOf<State extends string>(table: StateTable<State, string>): State[] {
  return Object.keys(table.transitions) as State[]
}

function eventsOf<State extends string, Event extends string>(
  table: StateTable<State, Event>,
): Event[] {
  const all = statesOf(table).flatMap((state) => movesIn(table, state).map(([event]) => event))
  return [...new Set(all)]
}

/** The events that may happen in a state, with the state that each leads to. */
function movesIn<State extends string, Event extends string>(
  { transitions }: StateTable<State, Event>,
  state: State,
): [Event, State | null][] {
  return Object.entries(transitions[state]) as [Event, State | null][]
}

/** The shortest list of events that leads from one state to another. Throws if there is none. */
export function pathTo<State extends string, Event extends string>(
  table: StateTable<State, Event>,
  from: State,
  to: State,
): readonly Event[] {
  const paths = new Map<State, readonly Event[]>([[from, []]])
  for (const [state, path] of paths) {
    if (state === to) return path
    for (const [event, next] of movesIn(table, state)) {
      if (next !== null && !paths.has(next)) paths.set(next, [...path, event])
    }
  }
  throw new Error(`No events lead from ${from} to ${to}.`)
}
