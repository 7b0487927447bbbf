import { createHmac } from 'node:crypto'
import { type Tx, wideNetworkOf } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { Destination } from '../../addresses/destination.ts'
import type { AuthContext } from '../../context.ts'
import { authRetention } from '../../retention.ts'
import * as knownNetworks from '../../store/known-networks.ts'

type Address = Destination['address']

/** Records that the owner of an address has logged in from `ip`. */
export async function rememberNetwork(
  tx: Tx,
  { codePepper, now }: Pick<AuthContext, 'codePepper' | 'now'>,
  { accountId, address, ip }: { accountId: AccountId; address: Address; ip: string },
): Promise<void> {
  const expiresAt = new Date(now() + authRetention.known_networks * 1000)
  await knownNetworks.remember(tx, accountId, idOf(codePepper, address, ip), expiresAt)
}

/**
 * The id of the network of `ip` if the owner of `address` recently logged in from it. Strangers
 * elsewhere who exhaust limits do not block a new device in that network.
 */
export async function knownNetworkId(
  { sql, codePepper, now }: Pick<AuthContext, 'sql' | 'codePepper' | 'now'>,
  address: Address,
  ip: string,
): Promise<string | undefined> {
  const id = idOf(codePepper, address, ip)
  return (await knownNetworks.isKnown(sql, id, new Date(now()))) ? id : undefined
}

function idOf(pepper: string, address: Address, ip: string): string {
  const text = `known network\0${address}\0${wideNetworkOf(ip)}`
  return createHmac('sha256', pepper).update(text).digest('base64url')
}
