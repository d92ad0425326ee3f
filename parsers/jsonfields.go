package parsers

import "bytes"

// setField sets one field of r from a, and reports whether a could be one.
func setField(r *Record, s *Scratch, m meaning, a *Attr, f *frame) bool {
	v := a.Value
	switch m.field {
	case fTime:
		seconds, _ := cutByte(v, '.') // nginx's $msec, between quotes
		t, n := s.Any(v, a.Kind == Number || isDigits(seconds))
		if n == 0 {
			return false
		}
		t.Set(r)
	case fClient:
		if a.Kind != String || isNothing(v) {
			return false
		}
		if isIPv4(v) { // mostly
			if !bytes.Equal(r.Client, v) { // Caddy names one address twice, and its port once
				r.Client, r.ClientPort = v, nil
			}
			return true
		}
		if host, _ := splitPort(v); m.rank < 215 && !isAddress(host) && !isForwarded(v) {
			return false
		}
		r.setClient(v)
		return r.Client != nil
	case fPort:
		if !isDigits(v) || len(a.Key) == len("port") && !ofClient(r, a) {
			return false
		}
		r.ClientPort = v
	case fUser:
		if isNothing(v) || len(v) > 256 || a.Kind == Number && string(v) == "0" {
			return false
		}
		r.User = textOf(a, s)
	case fMethod:
		if !isMethod(v) && !isLowerMethod(v) {
			return false
		}
		r.Method = v
	case fURL:
		if len(v) == 0 || v[0] != '/' && v[0] != '*' && !bytes.Contains(v[:min(len(v), 12)], []byte("://")) {
			return false
		}
		v = textOf(a, s)
		had := r.Domain
		r.setURL(v)
		if had != nil {
			r.Domain = had
		}
	case fHost, fDomain:
		return setHost(r, m, v, f)
	case fAgent:
		if a.Kind != String || isNothing(v) {
			return false
		}
		r.UserAgent = textOf(a, s)
	case fJA4, fJA3N, fJA3, fHASSH, fHTTPPrint, fDevicePrint:
		if a.Kind != String && a.Kind != Number || isNothing(v) {
			return false
		}
		r.setFingerprint(fingerprintOf(m.field), v)
	case fTLSVersion, fTLSCipher, fLanguage, fEncoding, fHTTPVersion:
		return s.walk.trait(m.field, v)
	case fOrigin:
		if isNothing(v) {
			return false
		}
		if host, _ := splitPort(v); isAddress(host) { // Tyk means the client by it
			if r.Client == nil {
				r.setClient(v)
			}
			return false
		}
		r.Origin = textOf(a, s)
	case fRequestID:
		if isNothing(v) {
			return false
		}
		r.RequestID = v
	case fTraceID:
		if isNothing(v) || a.Kind != String || len(v) > 128 || bytes.IndexByte(v, ' ') >= 0 || bytes.IndexByte(v, '\\') >= 0 {
			return false
		}
		r.TraceID = traceID(v)
	case fStatus:
		return setStatus(r, a)
	case fLevel:
		if len(v) > 16 || len(v) == 0 {
			return false
		}
		r.Level = v
		if len(v) == 1 && v[0]-'0' <= 7 && string(a.Key) == "PRIORITY" { // of the journal
			r.Level = severities[v[0]-'0']
		}
	case fLogger:
		if a.Kind != String || len(v) == 0 {
			return false
		}
		r.Logger = v
	case fUpstream:
		if isNothing(v) || a.Kind != String {
			return false
		}
		r.Upstream = v
	case fLogFile:
		if a.Kind != String || isNothing(v) || r.Service != nil {
			return false
		}
		r.Service = v
	case fService:
		if isNothing(v) || a.Kind != String {
			return false
		}
		r.Service = v
	case fCode:
		if len(v) == 0 || len(v) > 80 || bytes.IndexByte(v, ' ') >= 0 || isNothing(v) {
			return false
		}
		r.Code = v
	case fErrorType:
		if isNothing(v) {
			return false
		}
		r.ErrorType = v
	case fChallenge:
		if isNothing(v) {
			r.Headed = true
			return false
		}
		r.Challenge = textOf(a, s)
	case fScheme:
		if string(a.Key) == "auth" && !isKnownScheme(v) && string(v) != "-" { // of anything
			return false
		}
		if a.Kind == Null || isNothing(v) {
			if r.Sent == SentUnknown {
				r.Sent = SentAbsent
			}
			return true
		}
		r.Sent, r.Scheme = SentPresent, v
	case fAuthorization:
		setAuthorization(r, a)
	case fHasAuth:
		r.setHasAuth(v)
	case fOutcome:
		o := outcomeOf(v)
		if o == OutcomeUnknown {
			return false
		}
		r.Outcome = o
	case fForwarded:
		if a.Kind != String || isNothing(v) {
			return false
		}
		r.Forwarded = textOf(a, s)
	case fRequestLine:
		return r.setRequest(v)
	default:
		return false
	}
	return true
}

// ofClient reports whether the object that holds a is the client: ECS source, OpenTelemetry client.
func ofClient(r *Record, a *Attr) bool {
	if a.Parent < 0 {
		return false
	}
	switch string(r.Attrs[a.Parent].Key) {
	case "source", "client":
		return true
	}
	return false
}

// setHost sets Domain from the host that a client asked for, or Upstream where
// "host" is the machine that wrote the entry: an address or a bare name.
func setHost(r *Record, m meaning, v []byte, f *frame) bool {
	if isNothing(v) {
		return false
	}
	if m.field == fHost && f.hash != requestHash {
		host, _ := splitPort(v)
		if isAddress(host) || bytes.IndexByte(host, '.') < 0 {
			if r.Upstream == nil {
				r.Upstream = v
			}
			return false
		}
	}
	r.setDomain(v)
	return true
}

// setStatus reads 401, "401" and "401 Unauthorized"; a word is an outcome.
func setStatus(r *Record, a *Attr) bool {
	v := a.Value
	if len(v) > 3 && v[3] == ' ' {
		v = v[:3]
	}
	if status := parseStatus(v); status != 0 {
		r.Status = status
		return true
	}
	if a.Kind == String && r.Outcome == OutcomeUnknown {
		r.Outcome = outcomeOf(v)
	}
	return false
}

func outcomeOf(v []byte) Outcome {
	if len(v) > 16 {
		return OutcomeUnknown
	}
	var low [16]byte
	for i, c := range v {
		low[i] = c | 0x20
	}
	switch string(low[:len(v)]) {
	case "success", "succeeded", "true", "ok", "allow", "allowed", "granted", "pass", "passed", "accepted", "permit", "yes":
		return Success
	case "failure", "failed", "fail", "false", "deny", "denied", "reject", "rejected", "unauthorized", "unauthenticated", "forbidden", "blocked", "error", "no":
		return Failure
	}
	return OutcomeUnknown
}

// setHasAuth reads a field that says no more than whether credentials came.
func (r *Record) setHasAuth(v []byte) {
	switch string(v) {
	case "true", "1", "yes":
		r.Sent = SentPresent
	case "false", "0", "no":
		r.Sent = SentAbsent
	}
}

// setAuthorization notes whether the header came, and its scheme. Its value goes no further.
func setAuthorization(r *Record, a *Attr) {
	v := a.Value
	if a.Kind == Null || isNothing(v) {
		if r.Sent == SentUnknown {
			r.Sent = SentAbsent
		}
		return
	}
	r.Sent = SentPresent
	if i := bytes.IndexByte(v, ' '); i > 2 && i < 24 && isScheme(v[:i]) {
		r.Scheme = v[:i]
	} else if isKnownScheme(v) {
		r.Scheme = v
	}
}

func isScheme(v []byte) bool {
	for _, c := range v {
		if c|0x20-'a' > 25 && c-'0' > 9 && c != '-' && c != '_' {
			return false
		}
	}
	return len(v) > 0 && v[0]|0x20-'a' < 26
}

func isKnownScheme(v []byte) bool {
	for _, scheme := range [...]string{"basic", "bearer", "digest", "negotiate", "ntlm", "dpop"} {
		if len(v) == len(scheme) && hasSuffixFold(v, scheme) {
			return true
		}
	}
	return false
}

func isLowerMethod(v []byte) bool {
	switch string(v) {
	case "get", "post", "put", "delete", "patch", "head", "options", "list", "watch", "create", "update":
		return true
	}
	return false
}

// traceID returns the id in what is passed on from hop to hop: "projects/x/traces/ID" of
// Google, "00-ID-span-01" (https://www.w3.org/TR/trace-context/#traceparent-header).
func traceID(v []byte) []byte {
	if len(v) == 55 && v[2] == '-' && v[35] == '-' && v[52] == '-' {
		return v[3:35]
	}
	return v[bytes.LastIndexByte(v, '/')+1:]
}
