import type { Commands, FoundPerson } from '@sotto/sdk'
import { useCallback, useRef, useState } from 'react'
import { type Failure, failureOf } from '../../client/errors/failure.ts'
import { useClient } from '../../client/hooks/client-context.tsx'
import { type Loaded, useLoaded } from '../../client/hooks/use-command.ts'
import { isAskable, kindOfSearch, type Search } from './kind-of-search.ts'

interface Page {
  readonly people: readonly FoundPerson[]
  readonly next: string | null
}

/** The pages loaded after the first one, for the search `name`. */
interface More extends Page {
  readonly name: string
}

/** The people found for the typed text, page by page. */
export function usePeople(typed: string) {
  const { commands } = useClient()
  const search = kindOfSearch(typed)
  const name = JSON.stringify(search)
  const first = useLoaded(name, (all) => find(all, search, null))
  const [more, setMore] = useState<More | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const later = more?.name === name ? more : null
  const next = later ? later.next : first.state === 'loaded' ? first.value.next : null

  const loadMore = useCallback(async () => {
    if (next === null) return
    try {
      const page = await find(commands, kindOfSearch(typed), next)
      setMore((known) => {
        const people = known?.name === name ? known.people : []
        return { name, people: [...people, ...page.people], next: page.next }
      })
      setFailure(null)
    } catch (thrown) {
      setFailure(failureOf(thrown))
    }
  }, [commands, typed, name, next])

  const result = joined(first, later)
  // Keeps the last results until the next ones arrive: if a row disappears, the click on it is lost.
  const shown = useRef<readonly FoundPerson[]>([])
  if (result.state === 'loaded') shown.current = result.value
  else if (result.state === 'failed') shown.current = []
  return { search, result, found: shown.current, hasMore: next !== null, loadMore, failure }
}

function joined(first: Loaded<Page>, later: Page | null): Loaded<readonly FoundPerson[]> {
  if (first.state !== 'loaded') return first
  return { state: 'loaded', value: [...first.value.people, ...(later?.people ?? [])] }
}

async function find(commands: Commands, search: Search, after: string | null): Promise<Page> {
  if (!isAskable(search)) return { people: [], next: null }
  switch (search.kind) {
    case 'email':
      return { people: [await commands.findByEmail(search.email)], next: null }
    case 'phone':
      return { people: [await commands.findByPhone(search.phone)], next: null }
    case 'name':
      return commands.listPeople(search.name, after)
    case 'list':
      return commands.listPeople('', after)
  }
}
