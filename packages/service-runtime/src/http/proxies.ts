import { lookup } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import proxyAddr, { compile } from '@fastify/proxy-addr'
import { GATEWAY_HEADER } from '@sotto/wire'
import { z } from 'zod'
import { list } from '../config/variable-kinds.ts'
import type { Logger } from '../log.ts'
import { isSameSecret } from './same-secret.ts'

/** Headers in which a request claims its origin. */
const CLAIMS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
]

const RESOLVE_EVERY_MS = 30_000
const HOST_NAME = /^(?=.{1,253}$)(?=.*[a-z])[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i

/** A variable that lists proxies: addresses, networks, or host names. */
export const proxyList = list.pipe(
  z
    .array(
      z
        .string()
        .refine(
          (entry) => isNetwork(entry) || HOST_NAME.test(entry),
          'must be addresses, networks or host names, like 10.0.0.7,10.1.0.0/16,caddy',
        ),
    )
    .max(64),
)

/** A variable that lists proxies by address only. */
export const networkList = list.pipe(
  z
    .array(z.string().refine(isNetwork, 'must be addresses or networks, like 10.0.0.7,10.1.0.0/16'))
    .max(64),
)

function isNetwork(entry: string): boolean {
  try {
    return compile([entry]).length > 0
  } catch {
    return false
  }
}

/** The proxies that are trusted about the origin of requests. */
export interface ProxySettings {
  /** Addresses, networks, host names. */
  readonly trusted: readonly string[]
  /**
   * The secret that their requests must carry. Without it, every program at those addresses is
   * trusted.
   */
  readonly secret?: string | undefined
}

/** The proxies in front of this process. */
export interface Proxies {
  /**
   * Removes a request's claims about its origin, unless a trusted proxy makes them, and removes the
   * secret in any case. Call it once, before anything else reads the request.
   */
  check(request: IncomingMessage): void
  isTrusted(address: string): boolean
  /** The origin address of a checked request. */
  addressOf(request: IncomingMessage): string
  /** Resolves when every name has been looked up once. */
  readonly ready: Promise<void>
  close(): void
}

/**
 * Host names are looked up now and again every 30 seconds, because a replaced container has another
 * address. A name that is not found is trusted as soon as it is; a name that was found keeps its
 * last addresses.
 */
export function createProxies(
  { trusted, secret }: ProxySettings,
  log: Logger,
  resolve = addressesOf,
  everyMs = RESOLVE_EVERY_MS,
): Proxies {
  const networks = trusted.filter(isNetwork)
  const isInNetwork = networks.length > 0 ? compile(networks) : () => false
  const names = new Map(
    trusted.filter((entry) => !isNetwork(entry)).map((name) => [name, new Set<string>()]),
  )
  const isTrusted = (address: string) =>
    isInNetwork(address, 0) || [...names.values()].some((found) => found.has(plain(address)))

  async function lookUp() {
    for (const name of names.keys()) {
      try {
        names.set(name, new Set((await resolve(name)).map(plain)))
      } catch (error) {
        log.warn({ err: error, name }, 'the host name of a trusted proxy was not found')
      }
    }
  }
  const ready = lookUp()
  const timer = names.size > 0 ? setInterval(() => void lookUp(), everyMs).unref() : undefined

  return {
    check({ headers, socket }) {
      const isProven = secret === undefined || isSameSecret(headers[GATEWAY_HEADER], secret)
      delete headers[GATEWAY_HEADER]
      if (isProven && isTrusted(socket.remoteAddress ?? '')) return
      for (const claim of CLAIMS) delete headers[claim]
    },
    isTrusted,
    addressOf: (request) => proxyAddr(request, isTrusted) ?? '',
    ready,
    close: () => clearInterval(timer),
  }
}

async function addressesOf(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address)
}

/** Converts IPv4-mapped IPv6 addresses, which a dual-stack listener reports, to IPv4. */
const plain = (address: string) => address.replace(/^::ffff:(?=[\d.]+$)/i, '').toLowerCase()
