import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { type ReactNode, useSyncExternalStore } from 'react'

const subscribe = (changed: () => void) => i18n.on('change', changed)
const language = () => i18n.locale

/**
 * Renders what `children` returns, and all of it again in another language when one is chosen: `t` may be used
 * anywhere below.
 */
export function InLanguage({ children }: { children: () => ReactNode }) {
  useSyncExternalStore(subscribe, language)
  return <I18nProvider i18n={i18n}>{children()}</I18nProvider>
}
