import './zod-without-eval.ts'
import './styles/tokens.css'
import './styles/base.css'
import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ClientProvider } from './client/hooks/client-context.tsx'
import { openClient } from './client/open-client.ts'
import { fetchTheRest, later } from './later.tsx'
import { Starting } from './layout/starting.tsx'
import { findLacks } from './start/find-lacks.ts'
import { applyTheme } from './theme.ts'
import { asPage, Boundary } from './ui/notices/boundary.tsx'
import { InLanguage } from './words/in-language.tsx'
import { startSpeaking } from './words/speaking.ts'

const CannotStart = later(async () => (await import('./start/cannot-start.tsx')).CannotStart)
const FailedStart = later(async () => (await import('./start/cannot-start.tsx')).FailedStart)

const root = createRoot(document.getElementById('root') as HTMLElement)
const show = (page: () => ReactNode) =>
  root.render(
    <StrictMode>
      <InLanguage>
        {() => (
          <Boundary failure={t`Sotto can’t be shown.`} around={asPage} of={[page]}>
            {page()}
          </Boundary>
        )}
      </InLanguage>
    </StrictMode>,
  )

/** If something that the app needs is missing, only that is shown. */
async function start(): Promise<void> {
  await startSpeaking()
  if (findLacks().length > 0) return show(() => <CannotStart />)
  show(() => <Starting />)
  const client = await openClient(fail)
  show(() => (
    <ClientProvider client={client}>
      <App />
    </ClientProvider>
  ))
  setTimeout(fetchTheRest, 1000)
}

let hasFailed = false

/** The client can't be opened, either at the start or when this tab takes over from another one. */
function fail(error: unknown): void {
  if (hasFailed) return
  hasFailed = true
  // Without words, the fallback page in index.html explains it.
  if (i18n.locale === '') reportError(error)
  else show(() => <FailedStart error={error} />)
}

applyTheme()
start().catch(fail)
