/** The output of `npm run cluster -- help`. */
export const help = `npm run cluster                     runs the cluster until Ctrl-C
npm run cluster -- status           shows the state, port and process of each part
npm run cluster -- logs [PART]      shows the end of a log
npm run cluster -- restart PART     restarts one part: nginx, auth, chat-1, chat-2, websocket-1 …
npm run cluster -- rolling-restart  restarts all services, one instance at a time, without downtime
npm run cluster -- reload           makes NGINX read a renewed certificate; connections stay open
npm run cluster -- stop [PART]      stops the cluster, or one part until it is started again
npm run cluster -- start PART       starts a stopped part
npm run cluster -- rabbitmqctl …    runs RabbitMQ's own tool, such as: list_queues name messages

Variable                   default
  SOTTO_CLUSTER_DATA       data-cluster        the data folder
  NODE_ENV                 development         production rejects insecure settings
  PUBLIC_URL               https://localhost:8443
  GATEWAY_HOST             localhost           in production all addresses
  HTTP_PORT, HTTPS_PORT    8080, 8443          the first redirects to the second; 80, 443 with DOMAIN
  DOMAIN                   none                a name for which a certificate is obtained and renewed
  TLS_CERTIFICATE, TLS_KEY self-signed         certificate files
  GATEWAY_TRUSTED_PROXIES  none                proxies in front of the gateway
  AUTH_PORT, AUTH_SPARE_PORT                   8081, 8091
  WEBSOCKET_PORT, WEBSOCKET_SECOND_PORT        8082, 8092
  CHAT_PORT, CHAT_SECOND_PORT                  8083, 8084
  GATEWAY_STATUS_PORT, POSTGRES_PORT, RABBITMQ_PORT    9080, 8432, 8672
  POSTGRES_URL             the cluster's own   a superuser's URL for an existing PostgreSQL
  RABBITMQ_URL             the cluster's own   an existing RabbitMQ
  CLUSTER_PLAIN_HTTP       false               8080 serves everything, for tests

Port 0 means a free port. The internal port of a service (/ready, /metrics) is its own plus a
thousand. The services' own variables are in docs/configuration.md and may be set here too.`
