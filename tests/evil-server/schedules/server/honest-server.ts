import type {
  AccountId,
  Actor,
  ConversationId,
  DeviceId,
  ParticipantState,
  Protocol,
  PublishedAccount,
  ServerFrame,
  SessionId,
  StoredEnvelope,
} from '@sotto/wire'
import { authRoutes } from './honest-auth.ts'
import { accountRoutes, conversationRoutes } from './honest-chat.ts'
import { Refusal, type Route } from './routes.ts'
import {
  type AccountState,
  type ConversationState,
  lastSeqOf,
  publishedOf,
  type ServerState,
  type SessionState,
} from './server-state.ts'

type TokenKind = 'access' | 'refresh'

interface Token {
  readonly session: SessionState
  readonly kind: TokenKind
  readonly endsAt: number
}

/** How frames are pushed. */
export type Push = (recipients: readonly AccountId[], frame: ServerFrame) => void

/** Correct services, in memory; the lies are applied on top of them. */
export class HonestServer {
  state: ServerState
  readonly routes: readonly Route[]
  readonly sessions: Map<SessionId, SessionState>
  readonly now: () => number
  readonly push: Push
  /** Ends the connections of a session. */
  readonly cut: (session: SessionId) => void
  readonly #tokens = new Map<string, Token>()

  constructor(
    { state, sessions }: { state: ServerState; sessions: Map<SessionId, SessionState> },
    { now, push, cut }: Pick<HonestServer, 'now' | 'push' | 'cut'>,
  ) {
    this.state = state
    this.sessions = sessions
    this.now = now
    this.push = push
    this.cut = cut
    this.routes = [...authRoutes(this), ...accountRoutes(this), ...conversationRoutes(this)]
    for (const session of sessions.values()) {
      this.#tokens.set(refreshTokenOf(session), {
        session,
        kind: 'refresh',
        endsAt: Number.POSITIVE_INFINITY,
      })
    }
  }

  account(id: AccountId): AccountState {
    const account = this.state.accounts.get(id)
    if (!account) throw new Refusal('account_not_found')
    return account
  }

  published(id: AccountId): PublishedAccount {
    const published = publishedOf(this.state.accounts.get(id))
    if (!published) throw new Refusal('account_not_found')
    return published
  }

  addAccount(accountId: AccountId, phone: string): void {
    this.state.accounts.set(accountId, {
      accountId,
      phone,
      findable: true,
      published: null,
      devices: [],
      pastRecords: [],
      revoked: new Set(),
      boxes: {},
      manifest: null,
      wraps: [],
      wrapsVersion: 0,
      blocks: new Set(),
    })
  }

  sessionsOf(id: AccountId): SessionState[] {
    return [...this.sessions.values()].filter(
      ({ accountId, isEnded }) => accountId === id && !isEnded,
    )
  }

  addSession(session: SessionState): SessionState {
    this.sessions.set(session.sessionId, session)
    return session
  }

  endSession(id: SessionId): void {
    const session = this.sessions.get(id)
    if (!session || session.isEnded) return
    session.isEnded = true
    this.cut(id)
  }

  issue(session: SessionState, kind: TokenKind, seconds: number): string {
    const endsAt = this.now() + seconds * 1000
    const token =
      kind === 'refresh' ? refreshTokenOf(session) : `access.${session.sessionId}.${endsAt}`
    this.#tokens.set(token, { session, kind, endsAt })
    return token
  }

  sessionOf(token: string, kind: TokenKind): SessionState | undefined {
    const known = this.#tokens.get(token)
    const isGood = known?.kind === kind && !known.session.isEnded && known.endsAt > this.now()
    return isGood ? known.session : undefined
  }

  conversation(viewer: AccountId, id: ConversationId): ConversationState {
    const state = this.state.conversations.get(id)
    const isIn = state?.participants.some(({ accountId }) => accountId === viewer)
    if (!state || !isIn) throw new Refusal('conversation_not_found')
    return state
  }

  conversationsOf(viewer: AccountId): ConversationState[] {
    return [...this.state.conversations.values()].filter(({ participants }) =>
      participants.some(({ accountId }) => accountId === viewer),
    )
  }

  addConversation(
    id: ConversationId,
    protocol: Protocol,
    [creator, other]: readonly [AccountId, AccountId],
  ): ConversationState {
    const isKnown = this.conversationsOf(creator).some(
      ({ participants }) =>
        participants.some(({ accountId }) => accountId === other) &&
        participants.every(({ state }) => state === 'accepted'),
    )
    const participant = (accountId: AccountId, state: ParticipantState) => {
      return { accountId, role: 'member' as const, state, deliveredSeq: 0, readSeq: 0 }
    }
    const state: ConversationState = {
      id,
      protocol,
      createdBy: creator,
      createdAt: this.now(),
      activeAt: this.now(),
      changedAt: 0,
      participants: [
        participant(creator, 'accepted'),
        participant(other, isKnown ? 'accepted' : 'requested'),
      ],
      log: [],
    }
    this.state.conversations.set(id, state)
    this.touch(state)
    return state
  }

  setState(conversation: ConversationState, of: AccountId, state: ParticipantState): void {
    conversation.participants = conversation.participants.map((participant) =>
      participant.accountId === of ? { ...participant, state } : participant,
    )
    this.touch(conversation)
    this.push(peopleOf(conversation), {
      type: 'conversation_changed',
      conversationId: conversation.id,
    })
  }

  /** Moves the next cursor past this change. */
  touch(conversation: ConversationState): void {
    this.state.clock += 1
    conversation.changedAt = this.state.clock
  }

  accountChanged(accountId: AccountId): void {
    const contacts = this.conversationsOf(accountId).flatMap(peopleOf)
    const recipients = [...new Set([accountId, ...contacts])]
    this.push(recipients, { type: 'account_changed', accountId })
  }

  /** Appends an envelope to a log, without any check. */
  append(conversation: ConversationState, envelope: Omit<StoredEnvelope, 'seq'>): StoredEnvelope {
    const stored = { ...envelope, seq: lastSeqOf(conversation) + 1 }
    conversation.log = [...conversation.log, stored]
    conversation.activeAt = this.now()
    this.touch(conversation)
    return stored
  }

  isEnrolled(accountId: AccountId, deviceId: DeviceId): boolean {
    const account = this.state.accounts.get(accountId)
    const isKnown = account?.devices.some((device) => device.deviceId === deviceId) ?? false
    return isKnown && !account?.revoked.has(deviceId)
  }

  isProven({ sessionId }: Actor): boolean {
    return this.sessions.get(sessionId)?.isProven ?? false
  }

  /** Ends the sessions of devices that have been revoked. */
  revoke(account: AccountState, devices: readonly DeviceId[]): void {
    for (const device of devices) account.revoked.add(device)
    for (const { sessionId, deviceId } of this.sessionsOf(account.accountId)) {
      if (devices.includes(deviceId)) this.endSession(sessionId)
    }
  }
}

export function peopleOf({ participants }: ConversationState): AccountId[] {
  return participants.map(({ accountId }) => accountId)
}

function refreshTokenOf({ sessionId }: SessionState): string {
  return `refresh.${sessionId}`
}
