import { useSyncExternalStore } from 'react'
import { useClient } from '../client/hooks/client-context.tsx'
import { missingCode } from '../load-code.ts'
import { MissingPart } from '../ui/notices/missing-part.tsx'

/** Says so when the app cannot go on starting because a part of it could not be loaded. */
export function MissingToStart() {
  const { commands } = useClient()
  const missing = useSyncExternalStore(missingCode.subscribe, missingCode.read)
  if (!missing) return null
  // What fails again shows here again.
  const again = () => void commands.reconnect().catch(() => {})
  return <MissingPart reason={missing.reason} onAgain={again} />
}
