/** What `npm run cluster -- help` shows. */
export const help = `npm run cluster                     runs the cluster until Ctrl-C
npm run cluster -- status           each part: whether it serves, its port and process
npm run cluster -- logs [PART]      the end of a log
npm run cluster -- restart PART     restarts one part: nginx, auth, chat-1, chat-2, websocket-1 …
npm run cluster -- rolling-restart  restarts all services, one instance at a time, while they serve
npm run cluster -- reload           NGINX reads a renewed certificate; nobody's connection ends
npm run cluster -- stop [PART]      ends the cluster, or one part until it is started again
npm run cluster -- start PART       starts a part that was stopped
npm run cluster -- rabbitmqctl …    RabbitMQ's own tool, such as: list_queues name messages

Variables                  by default
  SOTTO_CLUSTER_DATA       data-cluster        where everything is kept
  NODE_ENV                 development         production refuses what is unsafe
  PUBLIC_URL               https://localhost:8443
  GATEWAY_HOST             localhost           in production all addresses
  HTTP_PORT, HTTPS_PORT    8080, 8443          the first one leads to the second; 80, 443 with DOMAIN
  DOMAIN                   none                a name for which a certificate is got and renewed
  TLS_CERTIFICATE, TLS_KEY                     files; without them an own certificate
  GATEWAY_TRUSTED_PROXIES  none                proxies in front of the gateway
  AUTH_PORT, AUTH_SPARE_PORT                   8081, 8091
  WEBSOCKET_PORT, WEBSOCKET_SECOND_PORT        8082, 8092
  CHAT_PORT, CHAT_SECOND_PORT                  8083, 8084
  GATEWAY_STATUS_PORT, POSTGRES_PORT, RABBITMQ_PORT    9080, 8432, 8672
  POSTGRES_URL             an own one          of a superuser, for a PostgreSQL that is there
  RABBITMQ_URL             an own one          for a RabbitMQ that is there
  CLUSTER_PLAIN_HTTP       false               8080 serves everything, for tests

A port of 0 is a free one. The internal listener of a service (/ready, /metrics) is a thousand above
its port. The services' own variables are in docs/configuration.md and may be set here too.`
