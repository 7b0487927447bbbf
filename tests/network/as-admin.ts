import { connect, type Sql } from '@sotto/service-runtime'

/** Does something in a database as its superuser, over a connection that is closed afterwards. */
export async function asAdmin(url: string, act: (admin: Sql) => Promise<unknown>): Promise<void> {
  const admin = connect(url, { maxConnections: 1, applicationName: 'test admin' })
  await act(admin).finally(() => admin.end({ timeout: 2 }))
}
