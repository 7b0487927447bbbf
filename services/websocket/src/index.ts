export type { WebsocketConfig, WebsocketSettings } from './config.ts'
export { ratesTimes } from './config.ts'
export type { Rate } from './rate.ts'
export * from './websocket-service.ts'
