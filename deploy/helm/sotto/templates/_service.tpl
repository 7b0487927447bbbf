{{/* What the pods of auth, chat and websocket have in common. `.part`, `.root`; `.port`, `.internalPort`. */}}
{{- define "sotto.commonEnvironment" -}}
- name: NODE_ENV
  value: production
- name: LOG_LEVEL
  value: {{ .root.Values.logLevel | quote }}
- name: PUBLIC_URL
  value: {{ required "publicUrl is needed" .root.Values.publicUrl | quote }}
- name: ALLOWED_ORIGINS
  value: {{ join "," .root.Values.allowedOrigins | quote }}
- name: TRUSTED_PROXIES
  value: {{ join "," .root.Values.trustedProxies | quote }}
- name: GATEWAY_SECRET_FILE
  value: /run/secrets/sotto/gateway_secret
- name: HOST
  value: 0.0.0.0
- name: INTERNAL_HOST
  value: 0.0.0.0
- name: INTERNAL_PORT
  value: {{ .internalPort | quote }}
- name: SHUTDOWN_DELAY_MS
  value: "{{ .root.Values.shutdownDelaySeconds }}000"
- name: RABBITMQ_URL_FILE
  value: /run/secrets/sotto/rabbitmq_url
{{- end }}

{{- define "sotto.authClientEnvironment" -}}
- name: AUTH_URL
  value: http://{{ .root.Release.Name }}-auth:8081
- name: AUTH_INTERNAL_URL
  value: http://{{ .root.Release.Name }}-auth:9081
{{- end }}

{{- define "sotto.portsAndProbes" -}}
ports:
  - { name: http, containerPort: {{ .port }} }
  - { name: internal, containerPort: {{ .internalPort }} }
startupProbe:
  httpGet: { path: /ready, port: internal }
  periodSeconds: 2
  failureThreshold: 90
readinessProbe:
  httpGet: { path: /ready, port: internal }
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
# Not /health, which also covers the database and the broker: restarting this pod would not fix
# those.
livenessProbe:
  httpGet: { path: /ready, port: internal }
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 6
resources:
  {{- toYaml .resources | nindent 2 }}
securityContext:
  {{- include "sotto.containerSecurity" . | nindent 2 }}
{{- end }}

{{- define "sotto.podSettings" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .root.Values.terminationGraceSeconds }}
securityContext:
  {{- include "sotto.podSecurity" . | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- include "sotto.pullSecrets" $.root | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- include "sotto.spread" . | nindent 2 }}
{{- end }}

{{- define "sotto.secretItems" -}}
{{- range $name := .names }}
- { key: {{ $name }}, path: {{ $name }} }
{{- end }}
{{- end }}
