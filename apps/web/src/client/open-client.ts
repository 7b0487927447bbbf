import type { ClientPort } from '@sotto/sdk'
import { openIndexedDbStorage } from './indexed-db-storage.ts'
import { createPasswordInWorker } from './password-in-worker.ts'
import { createSharedClient } from './shared-client.ts'

/** The client of this browser: this tab owns it, or uses the one of another tab. */
export async function openClient(): Promise<ClientPort> {
  const client = await createSharedClient(createOwnClient)
  return client
}
