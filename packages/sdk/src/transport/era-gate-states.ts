import { defineStateTable } from '../state-tables/define-state-table.ts'

export type EraGateState =
  | 'no_connection'
  /** The server's era is unknown, or has changed. */
  | 'shut'
  /** Shut, and a frame about logs was dropped: its content has to be fetched. */
  | 'shut_and_owing'
  /** The logs here belong to the server's era. */
  | 'open'

export type EraGateEvent =
  | 'connected'
  | 'disconnected'
  /** The server is in another era. */
  | 'wound'
  /** The logs here belong to the server's era. */
  | 'in_line'
  /** A frame about logs. It passes only while the gate is open. */
  | 'frame_about_logs'

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
