import { useSyncExternalStore } from 'react'
import { useClient } from '../client/hooks/client-context.tsx'
import { missingCode } from '../load-code.ts'
import { MissingPart } from '../ui/notices/missing-part.tsx'

/** Says that the app can't continue to start, because a part of it couldn't be loaded. */
export function MissingToStart() {
  const { commands } = useClient()
  const missing = useSyncExternalStore(missingCode.subscribe, missingCode.read)
  if (!missing) return null
  // A repeated failure shows up here again.
  const again = () => void commands.reconnect().catch(() => {})
  return <MissingPart reason={missing.reason} onAgain={again} />
}
