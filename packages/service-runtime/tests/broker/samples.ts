import { randomUUID } from 'node:crypto'
import {
  type AccountEvent,
  AccountId,
  type BatchDecided,
  ChallengeId,
  Command,
  ConversationId,
  DeviceId,
  type EraBegan,
  InstanceId,
  type Job,
  type SessionEnded,
  SessionId,
} from '@sotto/wire'

// Small samples of everything that a broker carries.

const actor = {
  accountId: AccountId.parse(randomUUID()),
  deviceId: DeviceId.parse(randomUUID()),
  sessionId: SessionId.parse(randomUUID()),
}

export const command = () =>
  Command.parse({ type: 'typing.announce', actor, conversationId: randomUUID() })

export const job = (): Extract<Job, { type: 'code.deliver' }> => ({
  type: 'code.deliver',
  challengeId: ChallengeId.parse(randomUUID()),
})

export const sessionsEnd = (): Extract<Job, { type: 'sessions.end' }> => ({
  type: 'sessions.end',
  accountId: actor.accountId,
  devices: { only: [actor.deviceId] },
  startedBefore: 1,
})

export const accountIn = (shard: number) =>
  AccountId.parse(`${randomUUID().slice(0, -2)}${shard.toString(16).padStart(2, '0')}`)

export const eventFor = (...recipients: AccountId[]): AccountEvent => ({
  type: 'conversation.changed',
  recipients,
  conversationId: ConversationId.parse(randomUUID()),
})

export const decided = (): BatchDecided => ({
  type: 'batch.decided',
  batchId: randomUUID(),
  verdicts: [],
})

export const sessionEnded = (): SessionEnded => ({
  type: 'session.ended',
  sessionId: SessionId.parse(randomUUID()),
  accountId: actor.accountId,
})

export const eraBegan = (): EraBegan => ({
  type: 'era.began',
  era: randomUUID().replaceAll('-', '').slice(0, 16),
})

export const newInstance = () => InstanceId.parse(randomUUID())

/** Long enough for everything in flight in a broker to arrive. */
export const quiet = () => new Promise((resolve) => setTimeout(resolve, 60))
