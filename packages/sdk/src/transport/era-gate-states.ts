import { defineStateTable } from '../state-tables/define-state-table.ts'

export type EraGateState =
  | 'no_connection'
  /** The era of the server is not known yet, or it is another one. */
  | 'shut'
  /** Shut, and a frame about logs was refused: what it told of has to be read. */
  | 'shut_and_owing'
  /** The logs here are of the server's era. */
  | 'open'

export type EraGateEvent =
  | 'connected'
  | 'disconnected'
  /** The server is in another era. */
  | 'wound'
  /** The logs here are of the server's era. */
  | 'in_line'
  /** A frame that tells of logs. It passes only while the gate is open. */
  | 'frame_about_logs'

/** The era gate. */
export const ERA_GATE = defineStateTable<EraGateState, EraGateEvent>({
  initial: 'no_connection',
  final: [],
  transitions: {
    no_connection: {
      connected: 'shut',
      disconnected: null,
      wound: null,
      in_line: null,
      frame_about_logs: null,
    },
    shut: {
      connected: 'shut',
      disconnected: 'no_connection',
      wound: null,
      in_line: 'open',
      frame_about_logs: 'shut_and_owing',
    },
    shut_and_owing: {
      connected: 'shut',
      disconnected: 'no_connection',
      wound: null,
      in_line: 'open',
      frame_about_logs: 'shut_and_owing',
    },
    open: {
      connected: 'shut',
      disconnected: 'no_connection',
      wound: 'shut',
      in_line: null,
      frame_about_logs: 'open',
    },
  },
})
