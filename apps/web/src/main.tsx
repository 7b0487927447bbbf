import './zod-without-eval.ts'
import './styles/tokens.css'
import './styles/base.css'
import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ClientProvider } from './client/client-context.tsx'
import { openClient } from './client/open-client.ts'
import { Starting } from './features/frame/starting.tsx'
import { fetchTheRest } from './later.tsx'
import { CannotStart, FailedStart } from './start/cannot-start.tsx'
import { findLacks } from './start/find-lacks.ts'
import { applyTheme } from './theme.ts'
import { asPage, Boundary } from './ui/boundary.tsx'

const root = createRoot(document.getElementById('root') as HTMLElement)
const show = (page: ReactNode) => root.render(<StrictMode>{page}</StrictMode>)

/** Where something is missing that the app needs, it is named, and nothing else is tried. */
async function start(): Promise<void> {
  const lacks = findLacks()
  if (lacks.length > 0) return show(<CannotStart lacks={lacks} />)
  show(<Starting />)
  const client = await openClient(fail)
  show(
    <ClientProvider client={client}>
      <Boundary what="Sotto" around={asPage}>
        <App />
      </Boundary>
    </ClientProvider>,
  )
  setTimeout(fetchTheRest, 1000)
}

let hasFailed = false

/** The client cannot be opened, in this tab now or when it was to take over from another one. */
function fail(error: unknown): void {
  if (hasFailed) return
  hasFailed = true
  show(<FailedStart error={error} />)
}

applyTheme()
start().catch(fail)
