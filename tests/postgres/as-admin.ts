import { connect, type Sql } from '@sotto/service-runtime'

/** Runs `act` in a database as its superuser, over a connection that is closed afterwards. */
export async function asAdmin(url: string, act: (admin: Sql) => Promise<unknown>): Promise<void> {
  const admin = connect(url, { maxConnections: 1, applicationName: 'test admin' })
  await act(admin).finally(() => admin.end({ timeout: 2 }))
}

let kept: { readonly url: string; readonly admin: Sql } | undefined

/** This test file's superuser connection, kept until `closeAdmin`. */
export function adminOf(url: string): Sql {
  if (kept?.url !== url) {
    kept = { url, admin: connect(url, { maxConnections: 1, applicationName: 'test admin' }) }
  }
  return kept.admin
}

export async function closeAdmin(): Promise<void> {
  await kept?.admin.end({ timeout: 2 })
  kept = undefined
}
