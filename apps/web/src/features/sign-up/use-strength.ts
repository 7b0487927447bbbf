import type { PasswordStrength } from '@sotto/sdk/password-strength'
import { useDeferredValue, useEffect, useState } from 'react'

type Measure = typeof import('@sotto/sdk/password-strength').measurePassword

/** Fetches the dictionaries, which are large, before a password is typed. */
const load = async (): Promise<Measure> =>
  (await import('@sotto/sdk/password-strength')).measurePassword

/** A password's strength; null until it has been measured. `about` lists public facts about the person. */
export function useStrength(password: string, about: string): PasswordStrength | null {
  const [measure, setMeasure] = useState<Measure | null>(null)
  useEffect(() => {
    // Without them the client rejects a password that it can't check, and says so.
    load().then(
      (loaded) => setMeasure(() => loaded),
      () => {},
    )
  }, [])
  // Measuring takes time; typing takes priority.
  const settled = useDeferredValue(password)
  return measure && settled && settled === password ? measure(settled, [about]) : null
}

/** The same ahead of time, while a code is on its way. */
export function fetchDictionaries(): void {
  load().catch(() => {})
}
