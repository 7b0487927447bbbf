import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { type ReactNode, useSyncExternalStore } from 'react'

const subscribe = (onChange: () => void) => i18n.on('change', onChange)
const language = () => i18n.locale

/**
 * Renders the result of `children`, and renders it again when the language changes, so that `t` may be used anywhere
 * below.
 */
export function InLanguage({ children }: { children: () => ReactNode }) {
  useSyncExternalStore(subscribe, language)
  return <I18nProvider i18n={i18n}>{children()}</I18nProvider>
}
