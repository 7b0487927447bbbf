import './zod-without-eval.ts'
import './styles/tokens.css'
import './styles/base.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ClientProvider } from './client/client-context.tsx'
import { openClient } from './client/open-client.ts'
import { Starting } from './features/frame/starting.tsx'
import { applyTheme } from './theme.ts'

applyTheme()

const root = createRoot(document.getElementById('root') as HTMLElement)
root.render(<Starting />)

const client = await openClient()
root.render(
  <StrictMode>
    {/* Its parts would otherwise write <style> elements, which the policy of the page forbids. */}
    <CSPProvider disableStyleElements>
      <ClientProvider client={client}>
        <App />
      </ClientProvider>
    </CSPProvider>
  </StrictMode>,
)
