import type { ClientPort } from '@sotto/sdk'
import { createContext, type ReactNode, use } from 'react'

const ClientContext = createContext<ClientPort | null>(null)

/** Provides the client to its children. */
export function ClientProvider({ client, children }: { client: ClientPort; children: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>
}

/** The client of this app. */
export function useClient(): ClientPort {
  const client = use(ClientContext)
  if (!client) throw new Error('useClient needs a ClientProvider above it')
  return client
}
