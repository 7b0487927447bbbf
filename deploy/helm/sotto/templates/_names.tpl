{{- define "sotto.labels" -}}
app.kubernetes.io/name: sotto
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "sotto.selector" -}}
app.kubernetes.io/name: sotto
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "sotto.image" -}}
{{ .image.repository }}:{{ or .image.tag .root.Chart.AppVersion }}
{{- end }}

{{- define "sotto.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "sotto.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "sotto.pullSecrets" -}}
{{- range $name := .Values.image.pullSecrets }}
- name: {{ $name }}
{{- end }}
{{- end }}

{{- define "sotto.spread" -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "sotto.selector" . | nindent 6 }}
{{- end }}

{{- define "sotto.websocketInstances" -}}
{{- $root := . }}
{{- range $index := until (int .Values.websocket.autoscaling.maxReplicas) }}
{{- if $index }},{{ end }}{{ $root.Release.Name }}-websocket-{{ $index }}:8082
{{- end }}
{{- end }}

{{- define "sotto.host" -}}
{{ index (splitList "/" .Values.publicUrl) 2 }}
{{- end }}
