import './zod-without-eval.ts'
import './styles/tokens.css'
import './styles/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ClientProvider } from './client/client-context.tsx'
import { openClient } from './client/open-client.ts'
import { Starting } from './features/frame/starting.tsx'
import { fetchTheRest } from './later.tsx'
import { applyTheme } from './theme.ts'
import { asPage, Boundary } from './ui/boundary.tsx'

applyTheme()

const root = createRoot(document.getElementById('root') as HTMLElement)
root.render(<Starting />)

const client = await openClient()
root.render(
  <StrictMode>
    <ClientProvider client={client}>
      <Boundary what="Sotto" around={asPage}>
        <App />
      </Boundary>
    </ClientProvider>
  </StrictMode>,
)

setTimeout(fetchTheRest, 1000)
