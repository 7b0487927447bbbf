import type {
  AccountId,
  BoxName,
  Conversation,
  ConversationId,
  DeviceId,
  Participant,
  Protocol,
  PublishedAccount,
  PublishedDevice,
  SealedBox,
  SessionId,
  StoredEnvelope,
  Wrap,
} from '@sotto/wire'

/** The state that a restored backup brings back. */
export interface ServerState {
  era: string
  /** Counts changes: cursors refer to it. */
  clock: number
  readonly accounts: Map<AccountId, AccountState>
  readonly conversations: Map<ConversationId, ConversationState>
}

/** An account's published data. */
export interface Publication {
  readonly record: string
  readonly version: number
  readonly picture: string | null
  readonly successions: string[]
}

export interface AccountState {
  readonly accountId: AccountId
  readonly phone: string
  findable: boolean
  published: Publication | null
  devices: PublishedDevice[]
  pastRecords: string[]
  /** Devices that a record has revoked, or that existed before new keys. */
  readonly revoked: Set<DeviceId>
  boxes: Partial<Record<BoxName, SealedBox>>
  manifest: { statement: string; version: number } | null
  wraps: Wrap[]
  wrapsVersion: number
  readonly blocks: Set<AccountId>
}

export interface ConversationState {
  readonly id: ConversationId
  protocol: Protocol
  readonly createdBy: AccountId
  readonly createdAt: number
  activeAt: number
  changedAt: number
  participants: Omit<Participant, 'recordVersion'>[]
  log: StoredEnvelope[]
}

/** A log-in. Stored separately, so that a backup of conversations doesn't bring it back. */
export interface SessionState {
  readonly sessionId: SessionId
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly startedAt: number
  /** Whether its device has proven that it belongs to the account. */
  isProven: boolean
  isEnded: boolean
}

export function lastSeqOf({ log }: ConversationState): number {
  return log.at(-1)?.seq ?? 0
}

/** A conversation as one of its participants sees it. */
export function conversationFor(
  viewer: AccountId,
  state: ConversationState,
  accounts: ServerState['accounts'],
): Conversation {
  const { id, protocol, createdBy, createdAt, participants, log } = state
  const me = participants.find(({ accountId }) => accountId === viewer)
  const unread = log.filter(
    ({ seq, senderAccountId }) => seq > (me?.readSeq ?? 0) && senderAccountId !== viewer,
  ).length
  return {
    id,
    protocol,
    createdBy,
    createdAt,
    participants: participants.map((participant) => {
      const { accountId } = participant
      const isShown = accountId === viewer || participant.state === 'accepted'
      return {
        ...participant,
        ...(!isShown && { state: 'requested', deliveredSeq: 0, readSeq: 0 }),
        recordVersion: accounts.get(accountId)?.published?.version ?? 1,
      }
    }),
    lastSeq: lastSeqOf(state),
    lastEnvelope: log.at(-1) ?? null,
    unread: Math.min(unread, 100),
  }
}

export function publishedOf(account: AccountState | undefined): PublishedAccount | undefined {
  if (!account?.published) return undefined
  const { accountId, published, devices, pastRecords } = account
  const { record, picture, successions } = published
  return {
    accountId,
    record,
    picture,
    devices: [...devices],
    pastRecords: [...pastRecords],
    ...(successions.length > 0 && { successions: [...successions] }),
  }
}

/** Both people of a conversation, and nobody else. */
export function isBetween(state: ConversationState, one: AccountId, other: AccountId): boolean {
  const ids = state.participants.map(({ accountId }) => accountId)
  return ids.length === 2 && ids.includes(one) && ids.includes(other)
}
