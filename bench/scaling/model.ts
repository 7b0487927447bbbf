import type { Figures } from './figures.ts'

/** Assumptions about user behavior. */
export interface Assumptions {
  readonly accounts: number
  readonly messagesPerDay: number
  /** The rate of the busiest hour as a multiple of the daily mean. */
  readonly peakFactor: number
  /** The share of accounts that are connected in the busiest hour. */
  readonly connectedShare: number
  readonly devicesPerAccount: number
  /** Recipient accounts of a message: 1 in `ecdh` and `rsa`. */
  readonly recipients: number
  /** Bytes of one stored ciphertext. */
  readonly ciphertextBytes: number
  /** HTTP requests (session refreshes, log reads, look-ups) of a connected account per hour. */
  readonly requestsPerHour: number
  /** How many days envelopes are kept. */
  readonly keptDays: number
}

/** How loaded a part may be at the peak, and the limits of a single one. */
export interface Bounds {
  /** The planned share of a core; the rest is for bursts and for a failing part. */
  readonly cpuShare: number
  /** Per websocket instance. */
  readonly connectionsPerInstance: number
  /** Per NGINX; each is a socket to a user and one to a websocket instance. */
  readonly connectionsPerGateway: number
  /** Cores of the largest planned PostgreSQL. */
  readonly coresPerDatabase: number
  /**
   * The largest table size in bytes with which one PostgreSQL can still be backed up and restored
   * in a night.
   */
  readonly bytesPerDatabase: number
  /** Messages per second that a three-node quorum cluster handles, in batches. */
  readonly messagesPerBroker: number
}

/** The required resources at the peak, or in the time that the name states. */
export interface Sizing {
  readonly messagesPerSecond: number
  readonly deliveriesPerSecond: number
  readonly connections: number
  readonly cores: Readonly<Record<Part, number>>
  readonly totalCores: number
  readonly instances: Readonly<Record<'gateway' | 'auth' | 'chat' | 'websocket', number>>
  readonly ramGib: number
  readonly diskGibPerDay: number
  readonly walGibPerDay: number
  readonly keptTib: number
  readonly networkMbitPerSecond: number
  readonly databases: number
  readonly brokers: number
}
export type Part = 'gateway' | 'websocket' | 'chat' | 'requests' | 'broker' | 'postgres'

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3_600
const GIB = 2 ** 30
const MICROS = 1_000_000
/** One Node process uses one core. */
const CORES_PER_INSTANCE = 1
/** NGINX has one worker per core. */
const CORES_PER_GATEWAY = 4
/** So that one may fail or be replaced. */
const FEWEST_INSTANCES = 2
/** A database needs the recently used part of its tables and indexes in memory. */
const WARM_DAYS = 3

/**
 * The resources for `assumptions`, at the costs in `figures`. Linear except for whole instances and
 * databases.
 */
export function size(assumptions: Assumptions, figures: Figures, bounds: Bounds): Sizing {
  const load = loadOf(assumptions)
  const cores = coresOf(load, figures)
  const instances = instancesOf(cores, load.connections, bounds)
  const storage = storageOf(assumptions, figures)
  const frameBytes = assumptions.ciphertextBytes + figures.frameOverheadBytes
  const totalCores = sum(Object.values(cores)) / bounds.cpuShare
  return {
    messagesPerSecond: load.messages,
    deliveriesPerSecond: load.deliveries,
    connections: load.connections,
    cores,
    totalCores,
    instances,
    ramGib: ramOf(load.connections, sum(Object.values(instances)), storage.bytesPerDay, figures),
    diskGibPerDay: storage.bytesPerDay / GIB,
    walGibPerDay: (storage.bytesPerDay * figures.walPerByte) / GIB,
    keptTib: storage.keptBytes / GIB / 1024,
    networkMbitPerSecond: ((load.messages + load.deliveries) * frameBytes * 8) / 1e6,
    databases: Math.max(
      1,
      Math.ceil(cores.postgres / bounds.cpuShare / bounds.coresPerDatabase),
      Math.ceil(storage.keptBytes / bounds.bytesPerDatabase),
    ),
    brokers: Math.max(1, Math.ceil(load.messages / bounds.messagesPerBroker)),
  }
}

interface Load {
  messages: number
  deliveries: number
  connections: number
  requests: number
}

/** The peak load per second. */
function loadOf(assumptions: Assumptions): Load {
  const { accounts, devicesPerAccount, connectedShare } = assumptions
  const messages = (accounts * assumptions.messagesPerDay * assumptions.peakFactor) / DAY_SECONDS
  // To every connected device of the recipients, and to the sender's other devices.
  const devices =
    assumptions.recipients * devicesPerAccount * connectedShare + (devicesPerAccount - 1)
  return {
    messages,
    deliveries: messages * devices,
    connections: Math.ceil(accounts * connectedShare * devicesPerAccount),
    requests: (accounts * connectedShare * assumptions.requestsPerHour) / HOUR_SECONDS,
  }
}

function coresOf(load: Load, { microsPerMessage, ...figures }: Figures): Record<Part, number> {
  const forMessages = (micros: number) => (load.messages * micros) / MICROS
  const further = Math.max(0, load.deliveries - load.messages)
  return {
    gateway: forMessages(microsPerMessage.gateway) + (further * figures.microsPerDelivery) / MICROS,
    websocket:
      forMessages(microsPerMessage.websocket) + (further * figures.microsPerDelivery) / MICROS,
    chat: forMessages(microsPerMessage.chat),
    requests: (load.requests * figures.microsPerRequest) / MICROS,
    broker: forMessages(microsPerMessage.broker),
    postgres: forMessages(microsPerMessage.postgres),
  }
}

function instancesOf(cores: Record<Part, number>, connections: number, bounds: Bounds) {
  const forCores = (count: number) =>
    Math.max(FEWEST_INSTANCES, Math.ceil(count / bounds.cpuShare / CORES_PER_INSTANCE))
  return {
    gateway: Math.max(
      forCores(cores.gateway / CORES_PER_GATEWAY),
      Math.ceil(connections / bounds.connectionsPerGateway),
    ),
    auth: forCores(cores.requests / 2),
    chat: forCores(cores.chat + cores.requests / 2),
    websocket: Math.max(
      forCores(cores.websocket),
      Math.ceil(connections / bounds.connectionsPerInstance),
    ),
  }
}

function storageOf(assumptions: Assumptions, figures: Figures) {
  const rowBytes = assumptions.ciphertextBytes + figures.rowOverheadBytes
  const bytesPerDay = assumptions.accounts * assumptions.messagesPerDay * rowBytes
  return { bytesPerDay, keptBytes: bytesPerDay * assumptions.keptDays }
}

function ramOf(connections: number, instances: number, bytesPerDay: number, figures: Figures) {
  const perConnection = figures.kibPerConnection + figures.gatewayKibPerConnection
  const ofConnections = (connections * perConnection) / 2 ** 20
  const ofProcesses = (instances * figures.processMib) / 1024
  return ofConnections + ofProcesses + (bytesPerDay * WARM_DAYS) / GIB
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
