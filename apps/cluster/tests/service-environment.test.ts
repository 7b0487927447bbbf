import { authVariables } from '@sotto/auth'
import { chatVariables } from '@sotto/chat'
import { websocketVariables } from '@sotto/websocket'
import { describe, expect, test } from 'vitest'
import { readClusterConfig } from '../src/config.ts'
import { environmentOf, type ServiceEnvironment } from '../src/service-environment.ts'

const config = readClusterConfig({})
const setting: ServiceEnvironment = {
  config,
  ports: config.wantedPorts,
  publicUrl: 'https://localhost:8443',
  secrets: {
    v: 1,
    signingKey: 'key',
    opaqueSetup: 'setup',
    codePepper: 'pepper',
    databasePasswords: { auth: 'auth', chat: 'chat' },
  },
  databaseUrls: { auth: 'auth', authOwner: 'auth-owner', chat: 'chat', chatOwner: 'chat-owner' },
  rabbitmqUrl: 'amqp://localhost',
  gatewaySecret: 'secret',
  operatorToken: 'token',
}

const services = [
  { instance: 'auth', variables: authVariables.shape },
  { instance: 'chat-2', variables: chatVariables.shape },
  { instance: 'websocket-1', variables: websocketVariables.shape },
] as const

describe.each(services)('$instance', ({ instance, variables }) => {
  test('gets every variable that its service reads and the cluster does not set', () => {
    const byCluster = [
      ...Object.keys(environmentOf(instance, setting, {})),
      'INTERNAL_PORT',
      'SHUTDOWN_DELAY_MS',
    ]
    const open = Object.keys(variables).filter((name) => !byCluster.includes(name))
    const given = Object.fromEntries(open.map((name) => [name, 'given']))

    expect(open.length).toBeGreaterThan(3)
    expect(environmentOf(instance, setting, given)).toMatchObject(given)
  })

  test('gets nothing else from the environment', () => {
    const foreign = services.flatMap((other) => Object.keys(other.variables))
    const given = Object.fromEntries(
      [...foreign, 'BACKUP_RECIPIENT'].map((name) => [name, 'given']),
    )
    const environment = environmentOf(instance, setting, given)

    const passed = Object.keys(environment).filter((name) => environment[name] === 'given')
    expect(passed.filter((name) => !(name in variables))).toEqual([])
  })
})

test('a variable may be in a file, unless the cluster sets it', () => {
  const given = { SMTP_URL_FILE: '/run/smtp', AUTH_SIGNING_KEY_FILE: '/run/key', HOST_FILE: '/h' }
  const { HOST_FILE, ...passed } = given
  const environment = environmentOf('auth', setting, given)

  expect(environment).toMatchObject(passed)
  expect(environment).not.toHaveProperty('HOST_FILE')
  expect(environment).not.toHaveProperty('AUTH_SIGNING_KEY')
})
